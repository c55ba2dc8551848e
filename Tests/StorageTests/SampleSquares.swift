// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Storage
import TestSupport

/// Squares that tests make, and blocks of them.
enum SampleSquares {
    /// A square whose last `tail` shares are padding and whose others are pseudo-random.
    static func make(width: Int, seed: String, tail: Int = 0) throws -> OriginalDataSquare {
        var bytes: [UInt8] = []
        for index in 0..<width * width - tail {
            var namespace = [UInt8](repeating: 0, count: 21)
            namespace.append(bigEndian: UInt64(257 + index))
            bytes += namespace + [1, 0, 0, 1, 0xde]
            bytes += DeterministicBytes.make(seed: "\(seed)/\(index)", count: 478)
        }
        for _ in 0..<tail { bytes += padding }
        return try OriginalDataSquare(width: width, bytes: bytes)
    }

    /// The tail padding share, written out.
    static let padding =
        [UInt8](repeating: 255, count: 28) + [254, 1] + [UInt8](repeating: 0, count: 482)

    /// The roots of the extended square.
    static func header(of square: OriginalDataSquare) -> DataAvailabilityHeader {
        ExtendedDataSquare(extending: square).commit()
    }

    static func block(
        _ height: UInt64, width: Int, seed: String, tail: Int = 0
    ) throws -> StoredBlock {
        let square = try make(width: width, seed: seed, tail: tail)
        return StoredBlock(height: Height(height), square: square, header: header(of: square))
    }

    static func emptyBlock(_ height: UInt64) throws -> StoredBlock {
        try block(height, width: 1, seed: "", tail: 1)
    }
}

/// Headers that nobody signed, which the store does not ask.
enum SampleHeaders {
    /// A header of these roots.
    static func make(
        _ height: UInt64, _ roots: DataAvailabilityHeader, appVersion: UInt64 = 6
    ) throws -> ExtendedHeader {
        let key = Ed25519PrivateKey(seed: Bytes32(repeating: 7)).publicKey
        let set = try ValidatorSet([Validator(key: .ed25519(key), votingPower: 10)])
        let header = BlockHeader(
            appVersion: appVersion, chainID: "quadrat-test", height: Height(height),
            time: .zero, lastBlockID: .none, lastCommitHash: nil, dataHash: roots.dataRoot,
            validatorsHash: set.hash, nextValidatorsHash: set.hash, consensusHash: nil,
            appHash: [1, 2], lastResultsHash: nil, evidenceHash: nil,
            proposerAddress: set.proposer.address)
        let commit = Commit(height: Height(height), round: 0, blockID: .none, signatures: [])
        return ExtendedHeader(
            header: header, commit: commit, validatorSet: set, dataAvailabilityHeader: roots)
    }
}

extension BlockKey {
    /// The block of a height that is written as its number.
    static func at(_ height: UInt64) -> BlockKey { .height(Height(height)) }
}
