// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Machinery
import Testing

/// A chain made for a test: real headers, real signatures, changing committees.
struct TestChain {
    static let chainID = "test-chain"
    static let start: Int64 = 1_700_000_000

    var headers: [ExtendedHeader] = []

    /// `count` headers one second apart; from each height in `changes` on the committee is another.
    init(count: Int, changes: [Int] = [], salt: UInt8 = 0) throws {
        let building = BlockBuilding(
            chainID: Self.chainID, appVersion: 9,
            consensusParameters: ConsensusParameters(blockMaxBytes: 22_020_096, blockMaxGas: -1))
        let roots = try Self.roots(salt)
        for height in 1...count {
            let set = try Self.set(era: changes.count { $0 <= height })
            let next = try Self.set(era: changes.count { $0 <= height + 1 })
            let header = building.header(
                on: headers.last
                    .map { BlockBuilding.Parent.block($0.signedHeader) } ?? .none,
                dataRoot: roots.dataRoot,
                time: try #require(Timestamp(seconds: Self.start + Int64(height))),
                appHash: Bytes32(), validatorSet: set, nextValidatorSet: next,
                proposer: set.validators[0].address,
                extension: HeaderExtension(view: 1, parentView: 0))
            headers.append(
                building.extendedHeader(
                    header, round: 1, signedBy: Self.keys(era: changes.count { $0 <= height }),
                    of: set, roots: roots))
        }
    }

    /// A moment at which all its headers are in the past and trusted.
    static func moment(_ seconds: UInt64) -> Instant {
        Instant(nanoseconds: (UInt64(start) + seconds) * 1_000_000_000)
    }

    static func keys(era: Int) -> [Ed25519PrivateKey] {
        (0..<3).map {
            Ed25519PrivateKey(
                seed: SHA256.hash(Array("validator \(era) \($0)".utf8)))
        }
    }

    private static func set(era: Int) throws -> ValidatorSet {
        try ValidatorSet(
            keys(era: era).map { Validator(key: .ed25519($0.publicKey), votingPower: 10) })
    }

    private static func roots(_ salt: UInt8) throws -> DataAvailabilityHeader {
        var digest = Bytes32()
        digest[0] = salt
        let node = NamespacedHash(
            minimum: Namespace.tailPadding, maximum: Namespace.tailPadding,
            digest: digest)
        return try DataAvailabilityHeader(rowRoots: [node, node], columnRoots: [node, node])
    }
}
