"""The connection to a store: boto3 finds credentials and endpoint, and nothing of them is ever logged."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from crawler.s3.errors import NO_REGION, translated
from crawler.storage import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 10
READ_SECONDS = 60


def client_for(url: str, connections: int) -> S3Client:
    """Return a client of its own for the store at a URL. Raises StorageError."""
    # What these log to debug holds signatures and session tokens.
    for name in ("boto3", "botocore", "s3transfer"):
        logging.getLogger(name).setLevel(logging.WARNING)
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard"},
        max_pool_connections=connections,
        # We send checksums of our own, as far as the store knows them.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        with translated(url):
            # A session of its own: the default one keeps the credentials it found first.
            client = boto3.session.Session().client("s3", config=config)
    except ValueError as error:
        # It may hold credentials: it isn't repeated.
        raise StorageError(f"{url}: AWS_ENDPOINT_URL or another AWS_… setting can't be meant") from error
    if not client.meta.region_name:
        raise StorageError(f"{url}: {NO_REGION}")
    return client
