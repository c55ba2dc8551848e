# SPDX-License-Identifier: Apache-2.0
"""What a verifier must refuse: every field of a header changed, votes taken away, sets put in others'
places, and whole chains that are forged with keys of one's own."""

import base64
import copy
import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import rules

#: What no hash and no signature covers, so that no verifier can tell.
UNCOVERED = ("proposer_priority", "total_voting_power", "validator_set.proposer")


def leaves(value, path=""):
    """The paths of all that is not made of parts."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from leaves(part, f"{path}.{place}")
    else:
        yield path


def changed(block, path):
    """A copy in which one leaf is another, and of the same kind."""
    block = copy.deepcopy(block)
    *way, last = path.split(".")
    place = block
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if isinstance(place, list):
        last = int(last)
    value = place[last]
    if last in ("time", "timestamp"):
        place[last] = value[:18] + ("1" if value[18] == "0" else "0") + value[19:]
    elif last == "type":
        place[last] = value + "x"
    elif isinstance(value, int) or (isinstance(value, str) and value.isdigit() and len(value) < 20):
        place[last] = type(value)(int(value) + 1)
    elif last == "last_block_id":
        place[last] = {"hash": "11" * 32, "parts": {"total": 1, "hash": "11" * 32}}
    elif last == "chain_id":
        place[last] = value + "x"
    elif last in ("value", "signature") or path.startswith("dah."):
        data = bytearray(base64.b64decode(value or ""))
        if data:
            data[len(data) // 2] ^= 1
        place[last] = base64.b64encode(bytes(data) or b"\x01").decode()
    else:
        data = bytearray(bytes.fromhex(value or ""))
        if data:
            data[len(data) // 2] ^= 1
        place[last] = (bytes(data) or b"\x01").hex()
    return block


def is_refused(check):
    try:
        check()
        return False
    except rules.Refused:
        return True


def judge_leaves(block):
    """Changes each leaf of a header by itself; gives how many were refused, and which were not."""
    refused, accepted = 0, []
    for path in leaves(block):
        if path.endswith(UNCOVERED[:2]) or path.startswith(UNCOVERED[2]):
            continue
        if is_refused(lambda: rules.check_header(changed(block, path))):
            refused += 1
        else:
            accepted.append(path)
    return refused, accepted


def without_quorum(block):
    """The header with votes taken away until two thirds are not exceeded."""
    block = copy.deepcopy(block)
    members = rules.set_members(block["validator_set"])
    power = {address: power for address, _, power in members}
    total = sum(power.values())
    votes = block["commit"]["signatures"]
    signed = sum(power[rules.hexadecimal(v["validator_address"])] for v in votes if rules.flag_of(v) == rules.COMMIT)
    for place, vote in enumerate(votes):
        if signed * 3 <= total * 2:
            break
        if rules.flag_of(vote) == rules.COMMIT:
            signed -= power[rules.hexadecimal(vote["validator_address"])]
            votes[place] = {"block_id_flag": 1, "validator_address": "", "timestamp": "0001-01-01T00:00:00Z", "signature": None}
    return block


def with_set_of(block, other):
    """The header with another's set."""
    block = copy.deepcopy(block)
    block["validator_set"] = copy.deepcopy(other["validator_set"])
    return block


class Forger:
    """A committee of keys that this program has, which signs whatever it is told."""

    def __init__(self, names, powers=None):
        self.keys = [Ed25519PrivateKey.from_private_bytes(hashlib.sha256(n.encode()).digest()) for n in names]
        self.powers = powers or [10] * len(names)

    @staticmethod
    def public(key):
        return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    @property
    def members(self):
        found = [(rules.sha(self.public(k))[:20], self.public(k), p, k) for k, p in zip(self.keys, self.powers)]
        return sorted(found, key=lambda m: (-m[2], m[0]))

    @property
    def set_hash(self):
        return rules.set_hash([m[:3] for m in self.members]).hex()

    @property
    def validator_set(self):
        return {"validators": [
            {"address": address.hex(), "voting_power": str(power),
             "pub_key": {"type": "tendermint/PubKeyEd25519", "value": base64.b64encode(key).decode()}}
            for address, key, power, _ in self.members]}

    def sign(self, header, signers=None, others=()):
        """The header with a commit: votes of all members, of `signers` alone (places), or also of
        other committees' members, who then have places behind the set's."""
        dah = {"row_roots": [base64.b64encode(bytes(90)).decode()] * 2, "column_roots": [base64.b64encode(bytes(90)).decode()] * 2}
        header = dict(header, data_hash=rules.availability_hash(dah).hex(), validators_hash=self.set_hash)
        header["proposer_address"] = self.members[0][0].hex()
        digest = rules.header_hash(header).hex()
        commit = {"height": header["height"], "round": 1, "block_id": {"hash": digest, "parts": {"total": 1, "hash": header["data_hash"]}}, "signatures": []}
        members = list(self.members)
        for other in others:
            members += [m for m in other.members if m[0] not in {n[0] for n in members}]
        for place, (address, _, _, key) in enumerate(members):
            if signers is not None and place not in signers:
                commit["signatures"].append({"block_id_flag": 1, "validator_address": "", "timestamp": "0001-01-01T00:00:00Z", "signature": None})
                continue
            vote = {"block_id_flag": 2, "validator_address": address.hex(), "timestamp": header["time"]}
            message = rules.sign_bytes(commit, vote, header["chain_id"])
            vote["signature"] = base64.b64encode(key.sign(message)).decode()
            commit["signatures"].append(vote)
        return {"header": header, "commit": commit, "validator_set": self.validator_set, "dah": dah}


def header_after(parent, committee, next_committee, **other):
    """A header on a parent, or the first one."""
    height = rules.integer(parent["header"]["height"]) + 1 if parent else 1
    digest = bytes(32).hex()
    header = {
        "version": {"block": "11", "app": "9"}, "chain_id": "forged", "height": str(height),
        "time": f"2026-01-01T00:{height // 60:02}:{height % 60:02}Z",
        "last_block_id": {"hash": rules.header_hash(parent["header"]).hex() if parent else "", "parts": {"total": 1 if parent else 0, "hash": digest if parent else ""}},
        "next_validators_hash": next_committee.set_hash, "data_hash": digest, "validators_hash": digest,
    }
    for name in ("last_commit_hash", "consensus_hash", "app_hash", "last_results_hash", "evidence_hash"):
        header[name] = digest
    header.update(other)
    return committee.sign(header)


def forged_chain(committees):
    """A header for each committee, each on the one before; the last names itself as the next."""
    chain = []
    for place, committee in enumerate(committees):
        following = committees[min(place + 1, len(committees) - 1)]
        chain.append(header_after(chain[-1] if chain else None, committee, following))
    return chain
