from pathlib import Path

import pytest

from tocsin.configuration_file import load_settings, resolve_secret
from tocsin.errors import SettingsInvalid
from tocsin.settings import Secret


def test_a_file_is_read_and_the_options_of_its_channels_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "tocsin.toml"
    file.write_text('\ufeffrunbook = "R.md"\n', "utf-8")
    assert load_settings(file).runbook == "R.md"
    file.write_text('[channels.x]\nkind = "console"\nfont = "big"\n')
    with pytest.raises(SettingsInvalid, match=r"line 3: .*'font'"):
        load_settings(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"nowhere\.toml cannot be read: No such file"):
        load_settings(tmp_path / "nowhere.toml")


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "tocsin.toml"
    file.write_bytes(b"# one\n# M\xfcller\n")
    with pytest.raises(SettingsInvalid, match="line 2: this is not UTF-8"):
        load_settings(file)


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOCSIN_TEST_SECRET", "hunter2\n")
    assert resolve_secret(Secret(env="TOCSIN_TEST_SECRET"), tmp_path) == "hunter2"
    monkeypatch.delenv("TOCSIN_TEST_SECRET")
    with pytest.raises(SettingsInvalid, match="TOCSIN_TEST_SECRET, which should hold a secret, is not set"):
        resolve_secret(Secret(env="TOCSIN_TEST_SECRET"), tmp_path)


def test_a_secret_comes_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" hunter2 \n")
    assert resolve_secret(Secret(file="key"), tmp_path) == " hunter2 "
    (tmp_path / "key").write_text("\n")
    with pytest.raises(SettingsInvalid, match="is empty"):
        resolve_secret(Secret(file="key"), tmp_path)
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        resolve_secret(Secret(file="none"), tmp_path)
