// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare

/// Committees and chains that tests make from small numbers.
enum ChainExamples {
    /// The roots of an empty block's square: the narrowest square there is.
    static func emptyRoots() throws -> DataAvailabilityHeader {
        let tail = [UInt8](repeating: 0xff, count: 28) + [0xfe]
        let first = try Hex.decode(
            "1b9958e4d30e60f7e8dd45ef903d06c87136545ab029cda50896a8885d547714")
        let second = try Hex.decode(
            "98a279eae81c131f17eb04477269bd13887842598db63e4d11349ed00340b2f7")
        let roots = [
            NamespacedHash(try FixedBytes<90>(decoding: tail + tail + first)),
            NamespacedHash(
                try FixedBytes<90>(decoding: [UInt8](repeating: 0xff, count: 58) + second)),
        ]
        return try DataAvailabilityHeader(rowRoots: roots, columnRoots: roots)
    }

    static func key(_ number: Int) -> Ed25519PrivateKey {
        var seed: [UInt8] = Array("key".utf8)
        seed.append(bigEndian: UInt64(number))
        return Ed25519PrivateKey(seed: SHA256.hash(seed))
    }

    static func validator(_ number: Int, power: Int64) -> Validator {
        Validator(key: .ed25519(key(number).publicKey), votingPower: power)
    }

    static func time(_ seconds: Int64) throws -> Timestamp {
        guard let time = Timestamp(seconds: seconds) else {
            throw RecordFault(what: "time \(seconds)")
        }
        return time
    }

    static let building = BlockBuilding(
        chainID: "example-1", appVersion: 9,
        consensusParameters: ConsensusParameters(blockMaxBytes: 32 << 20, blockMaxGas: -1))

    /// One signed block on top of another, of `committee` (keys with their powers).
    static func block(
        on parent: BlockBuilding.Parent, at seconds: Int64, by committee: [Int: Int64],
        next: [Int: Int64], signers: [Int]? = nil
    ) throws -> LightBlock {
        let set = try Self.set(committee), nextSet = try Self.set(next)
        let header = building.header(
            on: parent, dataRoot: try emptyRoots().dataRoot, time: try time(seconds),
            appHash: Bytes32(repeating: 1), validatorSet: set, nextValidatorSet: nextSet,
            proposer: set.proposer.address, extension: HeaderExtension(view: 1, parentView: 0))
        let votes = (signers ?? committee.keys.sorted()).map {
            BlockBuilding.vote(for: header, round: 1, by: key($0), at: header.time)
        }
        let commit = BlockBuilding.commit(for: header, round: 1, votes: votes, of: set)
        return LightBlock(
            signedHeader: SignedHeader(header: header, commit: commit), validatorSet: set,
            nextValidatorSet: nextSet)
    }

    static func set(_ committee: [Int: Int64]) throws -> ValidatorSet {
        try ValidatorSet(committee.keys.sorted().map { validator($0, power: committee[$0] ?? 0) })
    }
}
