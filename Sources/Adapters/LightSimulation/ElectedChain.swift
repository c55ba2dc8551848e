// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import Cryptography
package import DataSquare
internal import Staking

/// A chain of headers whose committees were elected by staking: stake moves, epochs end, sets change.
///
/// Keys and signatures are real, states and squares are not: what stands in `app_hash` is made up,
/// every square is the same. It is what light clients are tried on, ours and others'.
package struct ElectedChain: Sendable {
    /// The chain's name.
    package static let chainID = "elected"
    /// When it begins: 2026-01-01, in milliseconds since 1970.
    package static let start: UInt64 = 1_767_225_600_000

    /// How a chain comes to be.
    package struct Plan: Sendable {
        /// What everything is drawn from.
        package var seed: UInt64
        /// How many headers it has.
        package var headerCount: Int
        /// How many headers an epoch has.
        package var epochBlocks: UInt64
        /// Milliseconds from a header to the next.
        package var pace: UInt64
        /// How many validators it begins with.
        package var validatorCount = 7
        /// In how many of a hundred epochs somebody leaves and somebody else comes.
        package var replacedPercent: UInt64 = 80

        /// Names a plan.
        package init(seed: UInt64, headerCount: Int, epochBlocks: UInt64, pace: UInt64) {
            self.seed = seed
            self.headerCount = headerCount
            self.epochBlocks = epochBlocks
            self.pace = pace
        }
    }

    /// A member of a committee.
    package struct Member: Hashable, Sendable {
        /// The number of the validator, from 0.
        package let validator: Int
        /// What it votes for.
        package let power: Int64
    }

    /// The headers, the first at height 1.
    package private(set) var headers: [ExtendedHeader] = []
    /// The committees of the epochs, from 0.
    package private(set) var committees: [[Member]] = []
    /// The keys of the validators, by number.
    package private(set) var keys: [Ed25519PrivateKey] = []
    /// The plan.
    package let plan: Plan

    /// Elects and signs as planned.
    package init(_ plan: Plan) {
        self.plan = plan
        do throws(StakingFault) {
            var elections = try Elections(plan)
            while headers.count < plan.headerCount { try grow(&elections) }
        } catch {
            preconditionFailure("a chain that only its own messages change: \(error)")
        }
    }

    /// The header at a height that the chain has.
    package func header(_ height: UInt64) -> ExtendedHeader { headers[Int(height) - 1] }

    /// The epoch of a height.
    package func epoch(of height: UInt64) -> Int { Int((height - 1) / plan.epochBlocks) }

    /// How often a header's set is not that of the one before.
    package var changeCount: Int {
        zip(headers, headers.dropFirst()).count {
            $0.header.validatorsHash != $1.header.validatorsHash
        }
    }

    private mutating func grow(_ elections: inout Elections) throws(StakingFault) {
        let height = UInt64(headers.count) + 1
        let set = try elections.set(at: height)
        let next = try elections.set(at: height + 1)
        keys = elections.keys
        while committees.count <= epoch(of: height) {
            committees.append(try elections.members(of: UInt64(committees.count)))
        }
        let parent = headers.last
        let milliseconds = Self.start + height * plan.pace
        let building = BlockBuilding(
            chainID: Self.chainID, appVersion: 9,
            consensusParameters: ConsensusParameters(blockMaxBytes: 22_020_096, blockMaxGas: -1))
        let header = building.header(
            on: parent.map { .block($0.signedHeader) } ?? .none, dataRoot: Self.roots.dataRoot,
            time: Timestamp(nanosecondsSince1970: milliseconds * 1_000_000),
            appHash: SHA256.hash(Array("state \(plan.seed) \(height)".utf8)), validatorSet: set,
            nextValidatorSet: next,
            proposer: set.validators[Int(height) % set.count].address,
            extension: HeaderExtension(view: height, parentView: height - 1))
        let signers = committees[epoch(of: height)].map { keys[$0.validator] }
        headers.append(
            building.extendedHeader(
                header, round: Int32(height), signedBy: elections.present(signers, of: set),
                of: set, roots: Self.roots))
        try elections.execute(header)
    }

    /// The roots of the smallest square, whatever stands in it.
    package static let roots: DataAvailabilityHeader = {
        let padding = Namespace.tailPadding
        let node = NamespacedHash(minimum: padding, maximum: padding, digest: Bytes32())
        do {
            return try DataAvailabilityHeader(
                rowRoots: [node, node], columnRoots: [node, node])
        } catch {
            preconditionFailure("two rows and columns are a square: \(error)")
        }
    }()
}
