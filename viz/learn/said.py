"""What the page itself says, in every language of the lessons."""

from __future__ import annotations

from viz.learn.language import LANG, preferred
from viz.learn.lesson import Words
from viz.params import chosen

SAID: dict[str, Words] = {
    "heading": {"en": "Learn by predicting", "zh": "先预测，再看结果"},
    "about": {
        "en": "Each lesson asks one question. Read, look at the real network below, say what you expect, and let the "
        "network answer. Every number is computed while you look; none is written in advance.",
        "zh": "每课只问一个问题：先读两三句话，看看下面真实的网络，说出你的预测，再由网络自己回答。"
        "所有数字都是当场计算的，没有一个是事先写好的。",
    },
    "minutes": {"en": "{n} min", "zh": "{n} 分钟"},
    "steps": {"en": "{n} steps", "zh": "{n} 步"},
    "all": {"en": "All lessons", "zh": "全部课程"},
    "step": {"en": "Step {n} of {all}", "zh": "第 {n} 步，共 {all} 步"},
    "show": {"en": "Show the answer", "zh": "看结果"},
    "again": {"en": "Predict again", "zh": "重新预测"},
    "next": {"en": "Next step", "zh": "下一步"},
    "last": {"en": "Is it training?", "zh": "是训练学来的吗？"},
    "end": {"en": "{said}.", "zh": "{said}。"},
    "shown": {"en": "The network says: {answer}", "zh": "网络的结果是：{answer}"},
    "room": {"en": "Room", "zh": "教室"},
    "join": {"en": "The class opens this address:", "zh": "请同学们打开这个网址："},
    "close": {"en": "Close the room", "zh": "关闭教室"},
    "taken": {
        "en": "Your prediction is taken. The answer comes when the teacher shows it.",
        "zh": "你的预测已收到。老师公布之后就能看到结果。",
    },
    "send": {"en": "Send my prediction", "zh": "提交预测"},
    "votes": {"en": "Predictions so far: {n}", "zh": "已收到的预测：{n}"},
    "show votes": {"en": "Show the votes", "zh": "显示投票"},
    "hide votes": {"en": "Hide the votes", "zh": "隐藏投票"},
    "reveal": {"en": "Reveal the answer", "zh": "公布结果"},
    "no room": {
        "en": "There is no room {code}: it may be closed. Ask for its code again.",
        "zh": "没有教室 {code}：可能已经关闭。请再问一下代码。",
    },
    "enter": {"en": "Code of a room", "zh": "教室代码"},
    "go": {"en": "Enter", "zh": "进入"},
    "teach": {"en": "For teachers", "zh": "教师工具"},
    "teach about": {
        "en": "A lesson is one text file. Change one of ours or begin with the short one; what the networks say stands "
        "beside it at once. Nothing is stored here: download the file, or hand on the link, which holds all of it.",
        "zh": "一课就是一个文本文件。可以改我们的课，也可以从短的那个开始；网络的结果会立刻显示在旁边。"
        "这里不保存任何东西：请下载文件，或者把链接发给别人，整课都在链接里。",
    },
    "begin with": {"en": "Begin with", "zh": "从这里开始"},
    "short": {"en": "a short one", "zh": "一个短例子"},
    "open file": {"en": "Open a file", "zh": "打开文件"},
    "file": {"en": "The lesson’s file", "zh": "课程文件"},
    "form": {"en": "What a file may hold, and all that can be measured", "zh": "文件的格式，以及能测量的一切"},
    "reads": {"en": "This file can be read. Steps: {n}.", "zh": "文件可以读取，共 {n} 步。"},
    "key": {"en": "Answer key", "zh": "答案"},
    "expected": {"en": "expected", "zh": "预期"},
    "shows": {"en": "the network shows", "zh": "网络的结果"},
    "too long": {
        "en": "This lesson is too long for a link: hand on the file instead.",
        "zh": "这一课太长，放不进链接：请直接发文件。",
    },
    "try": {"en": "Try it as a student", "zh": "以学生身份试一试"},
    "open room": {"en": "Open a room for a class", "zh": "为班级开一间教室"},
    "link": {"en": "Link", "zh": "链接"},
    "no code": {
        "en": "The link is too long for a QR code: open a room, whose link is short.",
        "zh": "链接太长，做不成二维码：可以开一间教室，它的链接很短。",
    },
    "frame": {"en": "In a course page", "zh": "嵌入课程网页"},
    "late": {
        "en": "The figures appear with the answer: they would give it away.",
        "zh": "图会和结果一起出现，否则答案就泄露了。",
    },
    "start": {"en": "Start", "zh": "开始"},
    "back": {"en": "Back", "zh": "上一步"},
    "look": {"en": "Look below: {where}", "zh": "看下面：{where}"},
    "right": {"en": "As you predicted: {answer}", "zh": "和你的预测一致：{answer}"},
    "wrong": {
        "en": "You said “{guess}”. The network says: {answer}",
        "zh": "你的预测是“{guess}”，网络的结果是：{answer}",
    },
    "number": {"en": "{value} (you said {guess})", "zh": "{value}（你的预测是 {guess}）"},
    "measured": {"en": "Measured: {value}", "zh": "测得：{value}"},
    "own": {"en": "Now with words of your own", "zh": "换成你自己的句子"},
    "own about": {
        "en": "Change the sentence: the answer above is computed again, for your words.",
        "zh": "改一改这个句子：上面的结果会针对你的句子重新计算。",
    },
    "unlike": {
        "en": "On your input something else comes out than on the lesson’s own.",
        "zh": "在你的输入上，结果与本课原来的输入不同。",
    },
    "no number": {"en": "This cannot be measured here: {why}.", "zh": "这里无法测量：{why}。"},
    "end title": {
        "en": "And in an untrained network? With another seed?",
        "zh": "没有训练过的网络呢？换一个随机种子呢？",
    },
    "end read": {
        "en": "The untrained network is the very one that training began with: the same cells, random weights. "
        "The other seed is a second training run that differs in its random start alone.",
        "zh": "“未训练”的网络就是训练开始时的那个网络：结构相同，权重随机。"
        "“另一个种子”是另一次训练，只有随机初值不同。",
    },
    "end ask": {
        "en": "You found {n} things. How many of them will the untrained network show as well?",
        "zh": "你得到了 {n} 个结果。未训练的网络会出现其中几个？",
    },
    "end said": {
        "en": "The untrained network shows {k} of {n} (you said {guess}).",
        "zh": "未训练的网络出现了 {n} 个中的 {k} 个（你的预测是 {guess}）。",
    },
    "end recorded": {
        "en": "What this lesson measured was recorded at the end of training: an untrained one has no such numbers.",
        "zh": "本课测量的都是训练结束时记录的结果，未训练的网络没有这些数字。",
    },
    "end seed": {
        "en": "With another seed, {k} of {n} come out as here. What the trained networks share and the untrained one "
        "lacks was learned from the data.",
        "zh": "换一个种子训练，{n} 个里有 {k} 个与这里相同。训练过的网络都有、未训练的网络没有的，就是从数据中学来的。",
    },
    "end none": {
        "en": "No second seed of these networks is shipped, so this cannot be told here.",
        "zh": "这些网络没有提供第二个种子的版本，因此这里无法判断。",
    },
    "found": {"en": "what was asked", "zh": "问题"},
    "trained": {"en": "this network", "zh": "这个网络"},
    "untrained": {"en": "untrained", "zh": "未训练"},
    "seed": {"en": "another seed", "zh": "另一个种子"},
    "unknown lesson": {
        "en": "There is no lesson named “{name}”; choose one of these.",
        "zh": "没有名为“{name}”的课程，请从下面选一个。",
    },
}


def say(key: str, **put: object) -> str:
    """One sentence in the chosen language, with what is put in for the names in braces."""
    language = chosen(LANG, default=preferred())
    text = SAID[key][language]
    for name, value in put.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
