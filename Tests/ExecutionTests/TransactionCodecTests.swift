// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Execution
import TestSupport
import Testing

/// Transactions of all types: bytes, names and senders.
@Suite struct TransactionCodecTests {
    static func key(_ byte: UInt8) throws -> Secp256k1PrivateKey {
        try #require(Secp256k1PrivateKey(bytes: Bytes32(repeating: byte)))
    }

    static func address(_ key: Secp256k1PrivateKey) throws -> Address {
        let point = try #require(key.publicKey.uncompressed)
        return Address(UInt256(Keccak256.hash(point.array)))
    }

    static func sign(_ digest: Bytes32, _ key: Secp256k1PrivateKey) throws -> Transaction.Signature
    {
        let signed = key.signRecoverably(digest: digest)
        return .init(
            parity: signed.recoveryID,
            r: try #require(UInt256(bigEndian: signed.signature.array[..<32])),
            s: try #require(UInt256(bigEndian: signed.signature.array[32...])))
    }

    /// One of a type with everything that the type can have.
    static func example(_ kind: Transaction.Kind) throws -> Transaction {
        let none = Transaction.Signature(parity: 0, r: .one, s: .one)
        var made = Transaction(
            kind: kind, chainID: 1, nonce: 7, maxFeePerGas: UInt256(300),
            maxPriorityFeePerGas: UInt256(kind.rawValue >= 2 ? 2 : 300), gasLimit: 1_000_000,
            to: Address(0xaaaa), value: UInt256.one << 200, data: [0, 1, 2, 0], signature: none)
        if kind != .legacy {
            made.accessList = [.init(address: Address(5), slots: [.one, .max])]
        }
        if kind == .blob {
            made.maxFeePerBlobGas = UInt256(9)
            made.blobHashes = [UInt256.one << 248]
        }
        if kind == .setCode {
            made.authorizations = [
                .init(
                    chainID: .zero, address: Address(0xbbbb), nonce: 3,
                    signature: .init(parity: 1, r: UInt256(5), s: UInt256(6)))
            ]
        }
        made.signature = try sign(made.signingHash, key(0x46))
        return made
    }

    /// The example of EIP-155.
    @Test func replayProtection() throws {
        let bytes = try Hex.decode(
            "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080"
                + "25a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8"
                + "997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83")
        let transaction = try Transaction(decoding: bytes)
        #expect(transaction.chainID == 1 && transaction.nonce == 9)
        #expect(
            transaction.signingHash.hex
                == "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53")
        let key = try Self.key(0x46)
        #expect(transaction.signature == (try Self.sign(transaction.signingHash, key)))
        let recovered = try #require(RecoveredTransaction(transaction))
        #expect(recovered.sender.description == "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f")
        #expect(transaction.encoding == bytes)
    }

    @Test(arguments: Transaction.Kind.allCases) func everyTypeComesBack(
        kind: Transaction.Kind
    ) throws {
        let transaction = try Self.example(kind)
        let bytes = transaction.encoding
        #expect(try Transaction(decoding: bytes) == transaction)
        #expect(bytes.first == kind.rawValue || kind == .legacy)
        let recovered = try #require(RecoveredTransaction(transaction))
        #expect(recovered.sender == (try Self.address(try Self.key(0x46))))
        for count in 0..<bytes.count {
            #expect(throws: DecodeFault.self) { try Transaction(decoding: bytes[..<count]) }
        }
        #expect(throws: DecodeFault.self) { try Transaction(decoding: bytes + [0]) }
    }

    /// Each fork takes the types that it has, and Homestead the low half of signatures.
    @Test func forksTakeTheirTypes() throws {
        let firsts: [Hardfork] = [.spuriousDragon, .berlin, .london, .cancun, .prague]
        for (kind, first) in zip(Transaction.Kind.allCases, firsts) {
            let transaction = try Self.example(kind)
            for fork in Hardfork.allCases {
                let isTaken = (try? transaction.check(fork, chainID: 1)) != nil
                #expect(isTaken == (fork >= first), "\(kind) \(fork)")
            }
            #expect(throws: TransactionFault.chainID) {
                try transaction.check(.osaka, chainID: 2)
            }
        }
        var large = try Self.example(.dynamicFee)
        large.gasLimit = ExecutionLimits.transactionGas + 1
        try large.check(.prague, chainID: 1)
        #expect(throws: TransactionFault.gasLimit) { try large.check(.osaka, chainID: 1) }
    }

    /// 21,000, four for each zero byte, sixteen for others, and ten for each in the floor.
    @Test func intrinsicGas() throws {
        let (gas, floor) = try Self.example(.setCode).intrinsicGas(.prague)
        #expect(gas == 21000 + 2 * 4 + 2 * 16 + 2400 + 2 * 1900 + 25000)
        #expect(floor == 21000 + 10 * (2 + 4 * 2))
        #expect(try Self.example(.legacy).intrinsicGas(.frontier).gas == 21000 + 2 * 4 + 2 * 68)
    }
}
