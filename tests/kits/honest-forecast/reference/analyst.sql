-- The analyst's figures. weekday: 0 is Sunday; a week is named by its Monday.
SELECT 'weeks ' || date(dteday, '-' || ((weekday + 6) % 7) || ' days') AS name, sum(cnt) AS value FROM days GROUP BY name
UNION ALL
SELECT 'months ' || substr(dteday, 1, 7) || ' mean', avg(cnt) FROM days GROUP BY substr(dteday, 1, 7)
UNION ALL
SELECT 'months ' || month || ' sd', sqrt(sum((cnt - mean) * (cnt - mean)) / (count(*) - 1))
FROM (SELECT substr(dteday, 1, 7) AS month, cnt, avg(cnt) OVER (PARTITION BY substr(dteday, 1, 7)) AS mean FROM days) GROUP BY month
UNION ALL
SELECT 'day_before', avg(abs(day.cnt - before.cnt)) FROM days AS day JOIN days AS before ON before.dteday = date(day.dteday, '-1 day')
WHERE day.dteday BETWEEN '2012-05-01' AND '2012-12-31'
UNION ALL
SELECT 'week_before', avg(abs(day.cnt - before.cnt)) FROM days AS day JOIN days AS before ON before.dteday = date(day.dteday, '-7 days')
WHERE day.dteday BETWEEN '2012-05-01' AND '2012-12-31';
