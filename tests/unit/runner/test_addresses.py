"""The password of a database leaves its address, and the rest of the address stays as it was."""

import pytest

from tocsin.runner.addresses import without_password


@pytest.mark.parametrize(
    ("address", "left", "password"),
    [
        ("postgresql://app:s3cret@db:5432/prod", "postgresql://app@db:5432/prod", "s3cret"),
        ("postgres://app:p%40ss%2Fw@db/prod?sslmode=require", "postgres://app@db/prod?sslmode=require", "p@ss/w"),
        ("postgresql://app:a:b@db", "postgresql://app@db", "a:b"),
        ("postgresql://app@db/prod?password=x%20y&sslmode=require", "postgresql://app@db/prod?sslmode=require", "x y"),
        ("postgresql://app@db/prod?sslmode=require&password=x", "postgresql://app@db/prod?sslmode=require", "x"),
        ("postgresql:///prod?password=x", "postgresql:///prod", "x"),
        ("host=db user=app password=x dbname=prod", "host=db user=app dbname=prod", "x"),
        (r"password='it\'s' host=db", "host=db", "it's"),
        ("host=db password = x", "host=db", "x"),
        ("postgresql://app@db/prod", "postgresql://app@db/prod", None),
        ("postgresql://db/prod", "postgresql://db/prod", None),
        ("postgresql://app:@db/prod", "postgresql://app@db/prod", ""),
        ("host=db user=app", "host=db user=app", None),
        ("prod", "prod", None),
        ("", "", None),
    ],
)
def test_the_password_goes_and_the_rest_stays(address: str, left: str, password: str | None) -> None:
    assert without_password(address) == (left, password)
