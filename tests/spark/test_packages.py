"""What workers import of this machine's packages."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hn_luigi.spark.packages import packed


def test_a_packed_package_is_imported_with_its_data_and_without_the_folder_it_came_from(tmp_path):
    folder = tmp_path / "here/pipeline"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from pkgutil import get_data\n")
    (folder / "words.txt").write_text("a b")
    (folder / "words.pyc").write_text("stale")
    asks = "import pipeline; print(pipeline.__file__, pipeline.get_data('pipeline', 'words.txt'))"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder.parent)
        with packed(["pipeline"]) as (archive,):
            code = f"import sys; sys.path.insert(0, {archive!r}); {asks}"
            command = [sys.executable, "-c", code]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"{archive}/pipeline/__init__.py b'a b'\n"


@pytest.mark.parametrize("name", ["there_is_none", "shlex"])
def test_what_is_no_package_is_named(name):
    with pytest.raises(ModuleNotFoundError, match=f"there is no package {name}"), packed([name]):
        pass
