# SPDX-License-Identifier: Apache-2.0
"""`header.pb.ExtendedHeader` in protobuf, into the dictionaries that `rules.py` reads."""

import base64
import datetime

from rules import Refused


def fields(data):
    """[(number, value)] of a message; numbers as they are, the rest as bytes."""
    found, at = [], 0

    def take(count):
        nonlocal at
        if at + count > len(data):
            raise Refused("a message that is cut short")
        at += count
        return data[at - count : at]

    def number():
        value = shift = 0
        while True:
            byte = take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise Refused("a number that is too long")

    while at < len(data):
        key = number()
        kind = key & 7
        if kind == 0:
            found.append((key >> 3, number()))
        elif kind == 1:
            found.append((key >> 3, take(8)))
        elif kind == 2:
            found.append((key >> 3, take(number())))
        elif kind == 5:
            found.append((key >> 3, take(4)))
        else:
            raise Refused(f"a field of kind {kind}")
    return found


def single(data, number, default=b""):
    values = [value for found, value in fields(data) if found == number]
    return values[-1] if values else default


def signed(value):
    return value - 2**64 if value >= 2**63 else value


def time_text(data):
    seconds, nanos = signed(single(data, 1, 0)), single(data, 2, 0)
    day = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return day.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + f".{nanos:09}Z"


def block_id(data):
    parts = single(data, 2)
    return {
        "hash": single(data, 1).hex(),
        "parts": {"total": single(parts, 1, 0), "hash": single(parts, 2).hex()},
    }


def header(data):
    version = single(data, 1)
    names = {
        6: "last_commit_hash", 7: "data_hash", 8: "validators_hash", 9: "next_validators_hash",
        10: "consensus_hash", 11: "app_hash", 12: "last_results_hash", 13: "evidence_hash",
        14: "proposer_address",
    }
    result = {
        "version": {"block": single(version, 1, 0), "app": single(version, 2, 0)},
        "chain_id": single(data, 2).decode(), "height": signed(single(data, 3, 0)),
        "time": time_text(single(data, 4)), "last_block_id": block_id(single(data, 5)),
    }
    result.update({name: single(data, number).hex() for number, name in names.items()})
    return result


def vote(data):
    return {
        "block_id_flag": single(data, 1, 0), "validator_address": single(data, 2).hex(),
        "timestamp": time_text(single(data, 3)),
        "signature": base64.b64encode(single(data, 4)).decode(),
    }


def commit(data):
    return {
        "height": signed(single(data, 1, 0)), "round": signed(single(data, 2, 0)),
        "block_id": block_id(single(data, 3)),
        "signatures": [vote(value) for number, value in fields(data) if number == 4],
    }


def validator(data):
    key = single(single(data, 2), 1)
    return {
        "address": single(data, 1).hex(),
        "pub_key": {"type": "tendermint/PubKeyEd25519", "value": base64.b64encode(key).decode()},
        "voting_power": signed(single(data, 3, 0)),
    }


def extended_header(data):
    """The header that a message says."""
    roots = fields(single(data, 4))
    return {
        "header": header(single(data, 1)),
        "commit": commit(single(data, 2)),
        "validator_set": {
            "validators": [validator(v) for number, v in fields(single(data, 3)) if number == 1]
        },
        "dah": {
            "row_roots": [base64.b64encode(v).decode() for number, v in roots if number == 1],
            "column_roots": [base64.b64encode(v).decode() for number, v in roots if number == 2],
        },
    }
