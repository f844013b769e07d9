"""The findings of every check in Chinese as well, and the one way in which they are printed.

A finding is written once, in English; PATTERNS turns its shapes into Chinese. What a schema says of a field stays as it is:
docs/data/README.md explains the fields. A message that fits no pattern is a finding of tests/test_messages.py.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from catalogue import Problem

PATTERNS: tuple[tuple[str, str], ...] = (
    # heads and records
    (r"(.+): missing, expected one file for each schema", r"缺少此文件，每个 schema 应有一个"),
    (r"missing, expected one file for each schema", r"缺少此文件，每个 schema 应有一个"),
    (r"(.+): missing, expected a note of the English text.*?; (.+)", r"缺少 \1：应记下本页依据的英文版本；\2"),
    (r"(\S+): missing, expected (.+)", r"缺少 \1，应为：\2"),
    (r"(.+) is missing, expected every chapter in the navigation", r"导航里缺少 \1，每一章都应列出"),
    (r"unknown field; did you mean (.+)\?", r"不认识的字段，是不是想写 \1？"),
    (r"unknown field, expected one of (.+)", r"不认识的字段，应是其中之一：\1"),
    (r"found (.+), expected one of (.+)", r"写的是 \1，应是其中之一：\2"),
    (r"found (.+), expected each item once", r"写的是 \1，每一项只应出现一次"),
    (r"found (.+), expected at least (.+)", r"写的是 \1，应不小于 \2"),
    (r"found (.+), expected at most (.+)", r"写的是 \1，应不大于 \2"),
    (r"found (.+), expected a day that is not after today \((.+)\)", r"写的是 \1，不应晚于今天（\2）"),
    (r"found (.+), expected a day not before the start \((.+)\)", r"写的是 \1，不应早于开始日期（\2）"),
    (r"found (.+), expected the name of a field that this record has(.*)", r"写的是 \1，应是本条目已有的字段名\2"),
    (r"found (.+), expected the id of (.+)", r"写的是 \1，应是已有条目的 id（\2）"),
    (r"found (.+), expected each stage once and in order of time: (.+)", r"写的是 \1，各阶段应各出现一次并按时间排列：\2"),
    (r"found the tick-box (.+) more than once.*", r"勾选项 \1 出现了不止一次；勾选靠 id 记住，每个 id 应只用一次"),
    (r"found (.+), expected a number whose check digit is right", r"写的是 \1，校验位不对"),
    (r"found (.+), expected a value of its own; line (\d+) has it too", r"写的是 \1，与第 \2 行重复，应各不相同"),
    (r"found byte (.+), expected a file saved as UTF-8", r"发现字节 \1，文件应存为 UTF-8"),
    (r"found a tab, expected spaces.*", r"发现制表符，应使用空格（每级两个）"),
    (r"not readable as YAML: (.+)", r"无法按 YAML 读取：\1"),
    (r"found an alias to a value that holds it.*", r"别名指向包含它自己的值，应把值写出来"),
    (r"found a field name that is not a word.*", r"字段名不是一个词，应使用 schema 里的名字"),
    (r"found a second time in the same record, expected once", r"同一条目里出现了两次，应只出现一次"),
    (r"found (.+), expected a list of records, each beginning with .*", r"写的是 \1，应是条目的列表，每条以“- id:”开头"),
    (r"since_2020: missing.*", r"缺少 since_2020：in_2020_article 为 true 时，应写明后来怎样了"),
    (r"ends: missing, expected the last day.*", r"缺少 ends：status 为 retiring 时，应写最后一天"),
    # chapters
    (r"found no head, expected .*", r"没有文件头，开头两行 --- 之间应有 title、description、verified 和 sources"),
    (r"found the same as in (.+), expected one of its own", r"与 \1 相同，每页应各不相同"),
    (r"found the heading (.+), expected the title of the head, (.+)", r"标题写的是 \1，应与文件头的 title 一致：\2"),
    (r"found a heading of level (\d) after one of level (\d), expected level (\d)", r"\2 级标题之后出现 \1 级，应为 \3 级"),
    (r"found a heading of level (\d), expected level 2 or 3", r"发现 \1 级标题，只用 2 级和 3 级"),
    (r"found no anchor, expected one in English words, such as (.+)", r"标题没有锚点，应写成英文词，例如 \1"),
    (r"found the anchor (.+) a second time, expected one of its own", r"锚点 \1 重复，应各不相同"),
    (r"found (\d+) headings of level 1, expected one", r"有 \1 个一级标题，应恰好一个"),
    (r"found no way on, expected (.+) as the last section", r"结尾没有去处，最后一节应为 \1"),
    (r"found the image (.+) without a text, expected (.+)", r"图片 \1 没有文字说明，应写成 \2"),
    (r"found a link to (.+) without words.*", r"指向 \1 的链接没有文字，应说明那里有什么"),
    (r"found a link to (.+), but there is no such page(.*)", r"链接指向 \1，但没有这一页\2"),
    (r"found a link to (.+), but that page has no such anchor(.*)", r"链接指向 \1，但那一页没有这个锚点\2"),
    (r"found the call (.+), expected one of (.+)", r"调用 \1 不存在，可用的有：\2"),
    (r"found \{\{, \{% or \{# outside a call.*", r"调用之外出现 {{、{% 或 {#，应放进 `代码` 或换个写法"),
    (r"found (.+), a value of a certificate typed by hand, expected (.+)", r"\1 是手写的证书数值，应改为调用：\2"),
    (r"found (.+), but there is no such chapter(.*)", r"导航里有 \1，但没有这一章\2"),
    (r"found (.+) (\d+) times, expected once", r"\1 出现 \2 次，应只出现一次"),
    # twins
    (r"found no twin, expected (.+?)(; did you mean .+)?", r"没有对应页，应有 \1\2"),
    (r"found (.+), expected (.+) as in (\S+)", r"写的是 \1，应与 \3 一致：\2"),
    (r"expected those of (\S+) in their order: (.+)", r"应与 \1 相同且顺序一致：\2"),
    (r"calls of the section (\S+): expected those of (\S+): (.+)", r"\1 一节的调用应与 \2 一致：\3"),
    (r"links of the section (\S+): expected those of (\S+): (.+)", r"\1 一节的链接应与 \2 一致：\3"),
    (r"the English has changed in (.+); bring the Chinese in step, then run: (.+)", r"英文有改动：\1；先把中文改到一致，再运行：\2"),
    # words
    (r"found a line break inside a paragraph.*", r"段落中间换了行，显示时会变成空白；一段应写成一行"),
    (r'found "(.+)", expected "(.+)", or the word under known: in (.+)', r"拼写：“\1”应为“\2”；确实没错的词列入 \3 的 known"),
    # hostile content
    (r"found the invisible character (.+), expected it away", r"有不可见字符 \1，应删去"),
    (r"found the space (.+), expected a plain one", r"有特殊空格 \1，应换成普通空格"),
    (r"found the combining character (.+), expected a letter.*", r"有组合字符 \1，应换成单个字符"),
    (r"found (U\+.+), which can pass for another letter.*", r"\1 容易冒充别的字母，应换成普通字母"),
    (r"found an address of the scheme (.+), expected https:", r"链接用了 \1，应使用 https:"),
    (r"found the address (.+) without a scheme, expected https://", r"地址 \1 没有协议，应以 https:// 开头"),
    (r"found the host (.+), expected one in plain letters.*", r"主机名 \1 不对，应为普通字母，不带用户名"),
    (r"found a link that shows (.+) and leads to (.+), expected .*", r"链接写着 \1，却通向 \2；文字应说明去向"),
    (r"found (.+), expected a call such as (.+)", r"发现 \1，应为这样的调用：\2"),
    (r"found options beside the fence, (.+), expected a language at most", r"代码块标记旁有 \1，最多写语言名"),
    (r"found HTML, (.+), expected Markdown.*", r"发现 HTML：\1，应使用 Markdown；文中的 < 写成词，或放进 `代码`"),
    (r"found (.+), expected \{ #anchor \} or .*", r"发现 \1，花括号里最多写 { #锚点 } 或 { .类名 }"),
    (r"found \{\{ or \{%, expected plain text.*", r"发现 {{ 或 {%，条目不会被执行，应写纯文本"),
    (r"found HTML, (.+), expected plain text", r"发现 HTML：\1，应为纯文本"),
    (r"found a Markdown link, expected .*", r"发现 Markdown 链接，应写纯文本，地址放进自己的字段"),
    (r"found a YAML tag, anchor or alias.*", r"发现 YAML 标签、锚点或别名，应把值写出来"),
    (r"found a link to another file, expected a file", r"这是指向别处的链接，应为普通文件"),
    (r"found a file that the guide does not use here, expected (.+), named in lower case", r"此处不该有这个文件，应为：\1，小写命名"),
    (r"found (.+) in a drawing, expected shapes and text only", r"图里有 \1，只应有形状和文字"),
    # all others
    (r"found (.+), expected (.+)", r"写的是 \1，应为 \2"),
)
"""English shapes of messages, most particular first, and their Chinese."""


def chinese(message: str) -> str:
    """A finding's message in Chinese; empty when no pattern fits."""
    for pattern, words in PATTERNS:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return match.expand(words).replace("; did you mean", "，是不是想写")
    field, colon, rest = message.partition(": ")
    told = chinese(rest) if colon else ""
    return told and f"{field}：{told}"


def report(problems: Sequence[Problem], where: str) -> int:
    """Print findings, each in both languages, and their number to stderr; 1 if there is one, else 0."""
    for problem in problems:
        print(problem)
        if told := chinese(problem.message):
            print(f"  {told}")
    print(f"{len(problems)} finding{'s' if len(problems) != 1 else ''} {where}", file=sys.stderr)
    return 1 if problems else 0
