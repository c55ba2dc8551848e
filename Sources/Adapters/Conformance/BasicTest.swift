// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import Execution

/// BasicTests and GenesisTests: keys and addresses, signing, first blocks.
///
/// Two of the files are of other layers (handshakes of peers, and half-byte sequences with a
/// terminator, which the trie here never holds): they stay failures.
struct BasicTest {
    let name: String
    let body: JSONValue

    static func isOne(_ body: JSONValue) -> Bool {
        body["sig_of_emptystring"] != nil || body["signed"] != nil || body["alloc"] != nil
    }

    func run(_ family: String, _ tally: inout Tally) {
        tally.count(family, name) {
            if body["alloc"] != nil {
                try runGenesis()
            } else if body["signed"] != nil {
                try runSigning()
            } else if body["genesis_hash"] != nil {
                let bytes = try body.bytes("genesis_rlp_hex")
                let block = try ExecutionBlock(decoding: bytes)
                guard block.encoding == bytes,
                    block.header.hash == (try body.digest("genesis_hash")),
                    block.header.stateRoot == (try body.digest("genesis_state_root"))
                else { throw UnreadableTest("another block") }
            } else {
                try runKey()
            }
        }
    }

    private func key(_ name: String) throws -> Secp256k1PrivateKey {
        guard let secret = Bytes32(try body.bytes(name)),
            let key = Secp256k1PrivateKey(bytes: secret)
        else { throw UnreadableTest("no key") }
        return key
    }

    private func runKey() throws {
        guard let point = try key("key").publicKey.uncompressed,
            Address(UInt256(Keccak256.hash(point.array))) == (try body.address("addr")),
            Keccak256.hash(Array(try body.string("seed").utf8)) == (try body.digest("key"))
        else { throw UnreadableTest("another address") }
    }

    private func runSigning() throws {
        let to = try body.string("to")
        var transaction = Transaction(
            kind: .legacy, chainID: nil, nonce: try body.number("nonce"),
            maxFeePerGas: try body.word("gasprice"),
            maxPriorityFeePerGas: try body.word("gasprice"),
            gasLimit: try body.number("startgas"),
            to: to.isEmpty ? nil : try body.address("to"), value: try body.word("value"),
            data: try body.bytes("data"), signature: .init(parity: 0, r: .one, s: .one))
        let signed = try key("key").signRecoverably(digest: transaction.signingHash)
        transaction.signature = .init(
            parity: signed.recoveryID,
            r: UInt256(bigEndian: signed.signature.array[..<32]) ?? .zero,
            s: UInt256(bigEndian: signed.signature.array[32...]) ?? .zero)
        let expected = try Transaction(decoding: try body.bytes("signed"))
        guard let ours = RecoveredTransaction(transaction),
            let theirs = RecoveredTransaction(expected), ours.sender == theirs.sender,
            transaction.signingHash == expected.signingHash,
            expected.encoding == (try body.bytes("signed"))
        else { throw UnreadableTest("another transaction") }
    }

    private func runGenesis() throws {
        let state = MemoryState()
        for member in body["alloc"]?.members ?? [] {
            guard let address = Address(hexadecimal: member.name) else {
                throw UnreadableTest("not an address")
            }
            let balance = try member.value["balance"]?.word() ?? member.value["wei"]?.word()
            var slots: [(key: UInt256, value: UInt256)] = []
            for slot in member.value["storage"]?.members ?? [] {
                slots.append((try JSONValue.string(slot.name).word(), try slot.value.word()))
            }
            state.insert(
                address, nonce: try member.value["nonce"]?.number() ?? 0,
                balance: balance ?? .zero, code: try member.value["code"]?.bytes() ?? [],
                storage: slots)
        }
        let expected = try ExecutionBlock(decoding: try body.bytes("result"))
        var header = ExecutionHeader()
        header.parentHash = try body.digest("parentHash")
        header.feeRecipient = try body.address("coinbase")
        header.difficulty = try body.word("difficulty")
        header.gasLimit = try body.number("gasLimit")
        header.timestamp = try body.number("timestamp")
        header.extraData = try body.bytes("extraData")
        header.mixHash = try body.digest("mixHash")
        header.nonce = try FixedBytes<8>(decoding: try body.bytes("nonce"))
        header.stateRoot = state.rootHash()
        guard header == expected.header else { throw UnreadableTest("another header") }
    }
}
