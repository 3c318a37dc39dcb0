"""The archive in an S3 bucket: conditional puts, each verified by HEAD; boto3 finds the credentials."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
)

from crawler.storage import StorageError, StoreUnreachable, digest_of

UNREACHABLE = (EndpointConnectionError, ConnectionClosedError, HTTPClientError)
MEANINGS = {
    "404": "no such bucket",
    "NoSuchBucket": "no such bucket",
    "403": "credentials or rights refused",
    "AccessDenied": "credentials or rights refused",
}


class S3Storage:
    """Objects below `s3://bucket/prefix`, at AWS or wherever AWS_ENDPOINT_URL points."""

    def __init__(self, url: str) -> None:
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not bucket or "@" in bucket or ":" in bucket:
            raise StorageError("ARCHIVE_URL must be s3://bucket/prefix, without credentials")
        self.url = url
        self.bucket = bucket
        self.prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        try:
            # A session of its own: the default one keeps the credentials it found first.
            self._client = boto3.session.Session().client("s3")
        except BotoCoreError as error:
            raise self._translated(error) from error

    def check(self) -> None:
        """Ask for the bucket."""
        try:
            self._client.head_bucket(Bucket=self.bucket)
        except (BotoCoreError, ClientError) as error:
            raise self._translated(error) from error

    def put(self, local: Path, key: str) -> None:
        """Put one object unless it exists, then compare its size and SHA-256 by HEAD."""
        digest = digest_of(local)
        try:
            with local.open("rb") as body:
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=self.prefix + key,
                    Body=body,
                    IfNoneMatch="*",
                    Metadata={"sha256": digest},
                )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "PreconditionFailed":
                raise self._translated(error) from error
        except BotoCoreError as error:
            raise self._translated(error) from error
        self._verify(key, local.stat().st_size, digest)

    def remove(self, key: str) -> None:
        """Delete the object; in a bucket with versions it stays as an older one."""
        try:
            self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)
        except (BotoCoreError, ClientError) as error:
            raise self._translated(error) from error

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Page through the listing."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
        try:
            for page in pages:
                for entry in page.get("Contents", []):
                    yield entry["Key"].removeprefix(self.prefix), entry["Size"]
        except (BotoCoreError, ClientError) as error:
            raise self._translated(error) from error

    def head(self, key: str) -> int:
        """Ask for the object's size."""
        try:
            return self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)["ContentLength"]
        except (BotoCoreError, ClientError) as error:
            raise self._missing_or_translated(error, key) from error

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """Read an object from an offset on."""
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=self.prefix + key, Range=f"bytes={offset}-")
        except (BotoCoreError, ClientError) as error:
            raise self._missing_or_translated(error, key) from error
        return io.BufferedReader(cast(io.RawIOBase, answer["Body"]))

    def _verify(self, key: str, size: int, digest: str) -> None:
        try:
            head = self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)
        except (BotoCoreError, ClientError) as error:
            raise self._translated(error) from error
        if head["ContentLength"] != size or head["Metadata"].get("sha256") != digest:
            raise StorageError(f"{key} in {self.url} is not what was put")

    def _missing_or_translated(self, error: BotoCoreError | ClientError, key: str) -> Exception:
        code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
        return FileNotFoundError(key) if code in ("NoSuchKey", "404") else self._translated(error)

    def _translated(self, error: BotoCoreError | ClientError) -> StorageError:
        if isinstance(error, UNREACHABLE):
            return StoreUnreachable(f"{self.url} gives no answer ({type(error).__name__})")
        if isinstance(error, ClientError):
            code = error.response.get("Error", {}).get("Code", "unknown")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            kind = StoreUnreachable if status >= 500 else StorageError
            return kind(f"{self.url}: {MEANINGS.get(code, code)}")
        return StorageError(f"{self.url}: {error}")
