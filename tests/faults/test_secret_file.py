"""The secret file is missing, another one, damaged or not to be read: at a start, for a command.

What the services do is held in tests/storage/test_database.py; here it is what a person sees.
"""

import pytest

from ballot.settings import Settings, from_environment
from tests.faults.commands import A_CYCLE, refusal, serve
from tests.faults.hall import beside
from tests.live import environment

pytestmark = pytest.mark.slow

RESTORE = "请从备份恢复这个文件。"


def missing(settings: Settings) -> str:
    settings.secret_file.unlink()
    return f"不可用：文件不存在。{RESTORE}"


def truncated(settings: Settings) -> str:
    whole = settings.secret_file.read_bytes()
    settings.secret_file.write_bytes(whole[: len(whole) * 2 // 3])
    return f"不可用：内容不完整，或不是密钥文件。{RESTORE}"


def unreadable(settings: Settings) -> str:
    settings.secret_file.chmod(0)
    return f"不可用：没有读写的权限。{RESTORE}"


def a_folder(settings: Settings) -> str:
    settings.secret_file.unlink()
    settings.secret_file.mkdir()
    return f"不可用：这是一个文件夹。{RESTORE}"


def another_one(settings: Settings) -> str:
    other = from_environment({"BALLOT_FOLDER": str(settings.folder.parent / "other")})
    with beside(other) as stranger:
        found = stranger.keys.fingerprint
    settings.secret_file.write_bytes(other.secret_file.read_bytes())
    return (
        f"的指纹是 {found}。请换回原来的密钥文件（变量 BALLOT_SECRET_FILE），否则已印的票都将失效。"
    )


@pytest.mark.parametrize("fault", [missing, truncated, unreadable, a_folder, another_one])
def test_without_its_secret_neither_the_server_nor_a_command_goes_on(sqlite_settings, fault):
    with beside(sqlite_settings):
        pass
    sentence = fault(sqlite_settings)

    told = [refusal(environment(sqlite_settings), *words) for words in (serve(), A_CYCLE)]

    assert told[0] == told[1]
    assert told[0].endswith(f"密钥文件 {sqlite_settings.secret_file} {sentence}")
