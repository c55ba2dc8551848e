# SPDX-License-Identifier: Apache-2.0
"""Celestia's headers and CometBFT's light-client rules, from their published descriptions alone.

Nothing of this repository's code is used, so that two readings of the same text can be compared.
Ed25519 comes from PyPI's `cryptography`. Headers are dictionaries in the JSON that celestia-node
answers `header.GetByHeight` with; `wire.py` makes the same of protobuf.
"""

import base64
import datetime
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ABSENT, COMMIT, NIL = 1, 2, 3
FLAGS = {"BLOCK_ID_FLAG_ABSENT": ABSENT, "BLOCK_ID_FLAG_COMMIT": COMMIT, "BLOCK_ID_FLAG_NIL": NIL}
SECOND = 1_000_000_000
TRUSTING_PERIOD = 7 * 86_400 * SECOND
DRIFT = 10 * SECOND
POWER_MAX = (2**63 - 1) // 8


class Refused(Exception):
    """A rule is broken; the text says which."""


class TooLittleTrust(Refused):
    """Not enough of the trusted set signed; a header in between may help."""


def require(holds, text):
    if not holds:
        raise Refused(text)


# What the bytes are


def sha(data):
    return hashlib.sha256(data).digest()


def merkle(leaves):
    """RFC 6962: leaves behind 00, nodes behind 01, split at the largest power of two below."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return sha(b"\x00" + leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:]))


def uvarint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def varint(number, value):
    """A field with a number; nothing for 0. Negative numbers take ten bytes."""
    return uvarint(number << 3) + uvarint(value % 2**64) if value else b""


def nested(number, value):
    """A field with bytes that is there even when it is empty."""
    return uvarint(number << 3 | 2) + uvarint(len(value)) + value


def filled(number, value):
    """A field with bytes; nothing for none."""
    return nested(number, value) if value else b""


def fixed64(number, value):
    return uvarint(number << 3 | 1) + (value % 2**64).to_bytes(8, "little") if value else b""


def nanoseconds(text):
    """RFC 3339 with up to nine digits of a second, as nanoseconds since 1970."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", text)
    require(match, f"a time that is none: {text}")
    try:
        since = datetime.datetime.fromisoformat(match[1]) - datetime.datetime(1970, 1, 1)
    except ValueError as error:
        raise Refused(f"a time that is none: {text}") from error
    return (since.days * 86_400 + since.seconds) * SECOND + int((match[2] or "").ljust(9, "0"))


def timestamp(text):
    count = nanoseconds(text)
    return varint(1, count // SECOND) + varint(2, count % SECOND)


def hexadecimal(text):
    try:
        return bytes.fromhex(text or "")
    except ValueError as error:
        raise Refused(f"no hexadecimal: {text}") from error


def base64bytes(text):
    try:
        return base64.b64decode(text or "", validate=True)
    except ValueError as error:
        raise Refused(f"no base64: {text}") from error


def integer(value):
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise Refused(f"no number: {value}") from error


def parts_of(block_id):
    parts = block_id.get("parts") or block_id.get("part_set_header") or {}
    return integer(parts.get("total", 0)), hexadecimal(parts.get("hash"))


# Hashes


def block_id_bytes(block_id):
    block_id = block_id or {}
    total, digest = parts_of(block_id)
    return filled(1, hexadecimal(block_id.get("hash"))) + nested(2, varint(1, total) + filled(2, digest))


def header_hash(header):
    """The plain Merkle root over fourteen fields, scalars in their wrapper messages."""
    version = header["version"]
    leaves = [
        varint(1, integer(version.get("block", 0))) + varint(2, integer(version.get("app", 0))),
        filled(1, header["chain_id"].encode()),
        varint(1, integer(header["height"])),
        timestamp(header["time"]),
        block_id_bytes(header.get("last_block_id")),
    ]
    names = "last_commit data validators next_validators consensus app last_results evidence"
    leaves += [filled(1, hexadecimal(header[name + "_hash"])) for name in names.split()]
    leaves.append(filled(1, hexadecimal(header["proposer_address"])))
    return merkle(leaves)


def public_key(validator):
    kind = validator["pub_key"].get("type", "")
    require(kind == "tendermint/PubKeyEd25519", f"a key of kind {kind}")
    key = base64bytes(validator["pub_key"]["value"])
    require(len(key) == 32, "a key of another length")
    return key


def set_members(validator_set):
    """[(address, key, power)] in the order that is hashed: power falling, then address."""
    members = []
    for validator in validator_set.get("validators") or []:
        key = public_key(validator)
        power = integer(validator["voting_power"])
        require(power > 0, "a validator without power")
        address = hexadecimal(validator["address"])
        require(address == sha(key)[:20], "an address that is not its key's")
        members.append((address, key, power))
    require(members, "a set of nobody")
    require(len({m[0] for m in members}) == len(members), "a validator named twice")
    require(sum(m[2] for m in members) <= POWER_MAX, "more power than there can be")
    return sorted(members, key=lambda m: (-m[2], m[0]))


def set_hash(members):
    return merkle([nested(1, filled(1, key)) + varint(2, power) for _, key, power in members])


def availability_hash(dah):
    roots = [base64bytes(r) for r in dah["row_roots"]] + [base64bytes(r) for r in dah["column_roots"]]
    return merkle(roots)


def commit_hash(commit):
    """The plain Merkle root over the votes as they stand in a commit."""
    leaves = []
    for vote in commit["signatures"]:
        leaves.append(
            varint(1, flag_of(vote)) + filled(2, hexadecimal(vote.get("validator_address")))
            + nested(3, timestamp(vote["timestamp"])) + filled(4, base64bytes(vote.get("signature"))))
    return merkle(leaves)


def sign_bytes(commit, vote, chain_id):
    """The canonical precommit behind its length."""
    body = varint(1, 2) + fixed64(2, integer(commit["height"])) + fixed64(3, integer(commit["round"]))
    if flag_of(vote) == COMMIT:
        total, digest = parts_of(commit["block_id"])
        parts = varint(1, total) + filled(2, digest)
        body += nested(4, filled(1, hexadecimal(commit["block_id"]["hash"])) + nested(2, parts))
    body += nested(5, timestamp(vote["timestamp"])) + filled(6, chain_id.encode())
    return uvarint(len(body)) + body


# Votes


def flag_of(vote):
    flag = vote.get("block_id_flag")
    flag = FLAGS[flag] if flag in FLAGS else integer(flag)
    require(flag in (ABSENT, COMMIT, NIL), f"a vote with flag {flag}")
    return flag


def is_signed(key, vote, message):
    signature = base64bytes(vote.get("signature"))
    if len(signature) != 64:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def power_for(commit, members, chain_id, enough):
    """The power of `members` whose votes stand in the commit, counted until it exceeds `enough`.

    Every vote that is counted is verified; one that is false makes the whole commit false.
    """
    by_address = {address: (key, power) for address, key, power in members}
    seen, counted = set(), 0
    for vote in commit["signatures"]:
        if flag_of(vote) != COMMIT:
            continue
        address = hexadecimal(vote["validator_address"])
        require(address not in seen, "a validator that votes twice")
        seen.add(address)
        if address not in by_address:
            continue
        key, power = by_address[address]
        require(is_signed(key, vote, sign_bytes(commit, vote, chain_id)), "a signature that is false")
        counted += power
        if counted > enough:
            break
    return counted


def check_set_signed(commit, members, chain_id):
    """More than two thirds of a header's own set (VerifyCommitLight)."""
    total = sum(power for _, _, power in members)
    power = power_for(commit, members, chain_id, total * 2 // 3)
    require(power * 3 > total * 2, f"only {power} of {total} signed")


def check_trusted_signed(commit, members, chain_id):
    """More than a third of a set that is trusted (VerifyCommitLightTrusting)."""
    total = sum(power for _, _, power in members)
    power = power_for(commit, members, chain_id, total // 3)
    if power * 3 <= total:
        raise TooLittleTrust(f"only {power} of {total} that are trusted signed")


def check_every_vote(commit, members, chain_id):
    """Each place is its member's, and each vote is signed, those beyond two thirds too."""
    votes = commit["signatures"]
    require(len(votes) == len(members), "another number of votes than of members")
    for vote, (address, key, _) in zip(votes, members):
        if flag_of(vote) == ABSENT:
            require(not vote.get("validator_address") and not vote.get("signature"), "an absent vote with a name")
            require(nanoseconds(vote["timestamp"]) in (0, nanoseconds("0001-01-01T00:00:00Z")), "an absent vote with a time")
            continue
        require(hexadecimal(vote["validator_address"]) == address, "a vote in another's place")
        require(is_signed(key, vote, sign_bytes(commit, vote, chain_id)), "a signature that is false")


# Headers


def check_signed_header(block):
    """Header, set and commit belong together, whoever signed."""
    header, commit = block["header"], block["commit"]
    members = set_members(block["validator_set"])
    require(integer(header["version"].get("block", 0)) == 11, "another block version")
    require(0 < integer(header["height"]) < 2**63, "a height that is none")
    require(len(header["chain_id"].encode()) <= 50, "a chain id that is too long")
    require(len(hexadecimal(header["proposer_address"])) == 20, "no proposer")
    require(hexadecimal(header["validators_hash"]) == set_hash(members), "another set than the header names")
    require(integer(commit["height"]) == integer(header["height"]), "a commit of another height")
    require(integer(commit["round"]) >= 0, "a negative round")
    require(hexadecimal(commit["block_id"]["hash"]) == header_hash(header), "a commit for another header")
    total, digest = parts_of(commit["block_id"])
    require(total > 0 and len(digest) == 32, "a commit without parts")
    for vote in commit["signatures"]:
        flag = flag_of(vote)
        named = hexadecimal(vote.get("validator_address"))
        require(flag == ABSENT or named in {m[0] for m in members}, "a vote of a stranger")
    return members


def check_header(block):
    """All that makes an ExtendedHeader valid by itself, every vote included."""
    header = block["header"]
    members = check_signed_header(block)
    require(1 <= integer(header["version"].get("app", 0)) <= 10, "an app version that is not known")
    dah = block["dah"]
    rows, columns = dah["row_roots"], dah["column_roots"]
    require(len(rows) == len(columns) and len(rows) in (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024), "roots of no square")
    require(all(len(base64bytes(root)) == 90 for root in rows + columns), "a root of another length")
    require(availability_hash(dah) == hexadecimal(header["data_hash"]), "roots that are not data_hash's")
    check_set_signed(block["commit"], members, header["chain_id"])
    check_every_vote(block["commit"], members, header["chain_id"])
    return members


class Trusted:
    """A header that is trusted, and the set that later ones are measured by."""

    def __init__(self, header, members):
        self.header = header
        self.members = members
        self.height = integer(header["height"])
        self.time = nanoseconds(header["time"])


def trust(block, next_set=None):
    """Trusts a block: with the set it names for the next height where that is known, as IBC does,
    else with its own, as celestia-node does."""
    return Trusted(block["header"], set_members(next_set or block["validator_set"]))


def verify(trusted, block, now, period=TRUSTING_PERIOD, drift=DRIFT, needs_parent=True, next_set=None):
    """One step of a light client; gives what is trusted then."""
    header = block["header"]
    height, time = integer(header["height"]), nanoseconds(header["time"])
    require(header["chain_id"] == trusted.header["chain_id"], "another chain")
    require(trusted.time + period > now, "the trusted header is too old")
    require(height > trusted.height, "a height that does not grow")
    require(time > trusted.time, "a time that does not grow")
    require(time <= now + drift, "a time in the future")
    members = check_signed_header(block)
    if next_set is not None:
        require(set_hash(set_members(next_set)) == hexadecimal(header["next_validators_hash"]), "another next set than the header names")
    if height == trusted.height + 1:
        require(header["validators_hash"].lower() == trusted.header["next_validators_hash"].lower(), "not the set that was named as the next")
        if needs_parent:
            require(hexadecimal((header.get("last_block_id") or {}).get("hash")) == header_hash(trusted.header), "another parent")
    else:
        check_trusted_signed(block["commit"], trusted.members, header["chain_id"])
    check_set_signed(block["commit"], members, header["chain_id"])
    return trust(block, next_set)


def bisect(trusted, target, block_at, now):
    """The way to a far header through as few others as needed; gives it and how many were asked for."""
    waiting, asked = [target], 1
    while waiting:
        height = waiting[-1]
        try:
            trusted = verify(trusted, block_at(height), now)
            waiting.pop()
        except TooLittleTrust:
            middle = (trusted.height + height) // 2
            require(middle > trusted.height, "too little trust in the next height")
            waiting.append(middle)
            asked += 1
    return trusted, asked
