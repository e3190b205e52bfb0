"""A teacher writes a lesson, hands it on, and lets a class predict in a room."""

from streamlit.testing.v1 import AppTest

from tests.pages.learn.test_learn import open_page, sentences
from viz.learn.rooms import ROOMS
from viz.learn.share import pack
from viz.learn.shipped import FOLDER, lessons, source

BEGIN = (FOLDER / "begin.txt").read_text(encoding="utf-8")


def test_a_lesson_is_written_beside_what_the_networks_say():
    page = open_page(teach="new", lang="en")
    assert not page.exception
    assert "This file can be read. Steps: 1" in sentences(page)
    assert "✓" in str(page.table[0].value)
    page = page.text_area(key="draft").set_value(BEGIN.replace("expect = 2", "expect = 1")).run()
    assert "✗" in str(page.table[0].value)
    page = page.text_area(key="draft").set_value(BEGIN.replace('"move"', '"mov"', 1)).run()
    assert "expected a measurement, such as “move”" in page.error[0].value.replace("\\", "")


def test_every_lesson_of_ours_can_be_begun_with_and_has_a_short_link():
    key = next(iter(lessons()))
    page = open_page(teach=key, lang="zh")
    assert page.text_area(key="draft").value == source(key)
    assert any(f"lesson={key}" in block.value for block in page.code)


def test_a_lesson_of_one_s_own_opens_by_its_link():
    page = open_page(pack=pack(BEGIN), lang="zh")
    assert not page.exception
    assert "我自己的一课" in sentences(page)
    page = page.radio[0].set_value(1).run()
    page = page.button(key="lesson-show").click().run()
    assert "一致" in page.success[0].value
    assert page.query_params["pack"]


def test_a_link_that_is_broken_is_answered_with_the_list():
    page = open_page(pack="xyz", lang="en")
    assert not page.exception
    assert "Copy it again" in sentences(page)
    assert page.button(key="start-order")


def test_a_lesson_of_somebody_else_shows_its_texts_as_they_are():
    page = open_page(pack=pack(BEGIN.replace("Two words", "<b>Two</b> **words** $x$")), lang="en")
    assert r"\<b\>Two\</b\> \*\*words\*\* \$x\$" in sentences(page)


def test_a_lesson_can_lock_what_its_figures_offer():
    locked = BEGIN.replace("late = true\n", "").replace('{ tab = "cell" }', '{ tab = "cell", lock = "hold" }')
    page = open_page(pack=pack(locked), lang="en")
    assert page.selectbox(key="hold").disabled
    assert not open_page(pack=pack(locked.replace("hold", "order"))).selectbox(key="hold").disabled


def open_room(lesson: str = "order") -> tuple[AppTest, str]:
    page = open_page(teach=lesson, lang="en").button(key="lesson-room").click().run()
    assert not page.exception
    return page, page.query_params["room"][0] if isinstance(page.query_params["room"], list) else page.query_params[
        "room"
    ]


def test_a_class_predicts_and_the_teacher_reveals():
    teacher, code = open_room()
    assert not teacher.radio
    students = [open_page(room=code.lower(), lang="en") for _ in range(2)]
    for student, vote in zip(students, (2, 0), strict=True):
        assert not student.button(key="lesson-send").disabled or not student.exception
        student.radio[0].set_value(vote).run()
        student.button(key="lesson-send").click().run()
        assert "Your prediction is taken" in sentences(student)
        assert not student.success
    teacher.run()
    assert "Predictions so far: 2" in sentences(teacher)
    teacher.button(key="room-reveal").click().run()
    assert "The network says: **It rises**" in sentences(teacher)
    right, wrong = (student.run() for student in students)
    assert "As you predicted" in right.success[0].value
    assert "You said “It falls”" in wrong.info[0].value
    assert not wrong.radio
    teacher.button(key="room-next").click().run()
    assert not right.run().exception
    assert right.radio
    teacher.button(key="close").click().run()
    assert "There is no room" in sentences(right.run())


def test_a_class_draws_curves_and_sees_its_median_beside_the_network_s():
    teacher, code = open_room("good-not-good")
    students = [open_page(room=code, lang="en") for _ in range(2)]
    for student, height in zip(students, (0.2, 0.4), strict=True):
        assert student.button(key="lesson-send").disabled
        student.session_state["guess-good-not-good-1"] = (height,) * 6
        student.run().button(key="lesson-send").click().run()
        assert "Your prediction is taken" in sentences(student)
    teacher.run().button(key="room-reveal").click().run()
    assert not teacher.exception
    assert "at “film” 0.2 – 0.3" in str([bar.text for bar in teacher.get("progress")]).replace("\\", "")
    assert "Your curve agrees" in sentences(students[0].run())
    teacher.button(key="close").click().run()


def test_a_room_holds_nothing_that_names_a_voter():
    teacher, code = open_room()
    student = open_page(room=code)
    student.radio[0].set_value(1).run()
    student.button(key="lesson-send").click().run()
    room = ROOMS.find(code)
    assert room
    assert list(room.here.values()) == [1]
    teacher.button(key="close").click().run()
    assert ROOMS.find(code) is None


def test_a_code_that_no_room_has_is_answered_with_what_to_do():
    page = open_page(room="<b>", lang="en")
    assert not page.exception
    assert "Ask for its code again" in sentences(page)
