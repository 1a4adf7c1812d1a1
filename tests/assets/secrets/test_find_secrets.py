"""What is a secret, by the name of what holds it and by its form in a text."""

from __future__ import annotations

import pytest

from hn_luigi.assets.secrets.find_secrets import Mask, of_environment


def test_what_a_name_says_is_secret_is_one_and_a_path_is_none():
    secrets = set(
        of_environment(
            {
                "AWS_SECRET_ACCESS_KEY": "a1b2c3d4",
                "HTTPS_PROXY": "http://me:pr0xy@host:3128",
                "AZURE_STORAGE_CONNECTION_STRING": "AccountKey=k3y==;BlobEndpoint=http://h/a",
                "AWS_WEB_IDENTITY_TOKEN_FILE": "/run/token",
                "HOME": "/home/me",
                "LANG": "C.UTF-8",
            }
        )
    )
    assert {"a1b2c3d4", "pr0xy", "k3y=="} <= secrets
    assert not {"/run/token", "/home/me", "C.UTF-8"} & secrets


@pytest.mark.parametrize(
    "text, masked",
    [
        ("http://me@host/x", "http://…host/x"),
        ("http://host/x?y", "http://host/x…"),
        ("GET /login?token=x HTTP/1.1", "GET /login… HTTP/1.1"),
        ("http://me:p@ss@[::1]:80/x", "http://…[::1]:80/x"),
        ("http://me:p/ss@host/@x", "http://…x"),
        ("http://h/?u=http://b&token=x", "http://h/…"),
        ("{b'Authorization': b'Basic eDp5'}", "{b'Authorization': b'…'}"),
        ("Authorization: AWS4-HMAC-SHA256 Sig=y, X=z", "Authorization: …"),
        ("'authorization': 'SharedKey me:eDp5'", "'authorization': '…'"),
        ("X-Amz-Security-Token: FwoG3", "X-Amz-Security-Token: …"),
        ("Set-Cookie: hn_luigi=a1b2; Path=/", "Set-Cookie: …; Path=/"),
        ("AccountName=a;AccountKey=eDp5==;X=y", "AccountName=a;AccountKey=…;X=y"),
        ("connect(host='x', password='hush')", "connect(host='x', password='…')"),
        ('{"api_key": "hush", "x": 1}', '{"api_key": "…", "x": 1}'),
        ("host=x password=hush dbname=y", "host=x password=… dbname=y"),
        ("Authorization: see README; token: expired", "Authorization: see README; token: expired"),
        ("200 tokens=3, sort_key=day", "200 tokens=3, sort_key=day"),
        ("me@host, git@host:a/b.git", "me@host, git@host:a/b.git"),
        ("https://host:80/@me https://host/a@2x.png", "https://host:80/@me https://host/a@2x.png"),
        ("Why?! What?Nothing", "Why?! What?Nothing"),
        ("in data/top at 12:30 (2 of 3)", "in data/top at 12:30 (2 of 3)"),
    ],
)
def test_secrets_show_by_their_form(text, masked):
    assert Mask()(text) == masked


def test_of_secrets_of_which_one_begins_with_the_other_no_end_is_left():
    mask = Mask(["hush-hush", "whisper-it"])
    mask.add("whisper")
    mask.add("hush-hush-4711")
    assert mask("hush-hush, hush-hush-4711, whisper-it and whisper") == "…, …, … and …"
