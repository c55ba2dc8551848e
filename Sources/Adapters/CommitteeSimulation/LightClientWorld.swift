// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography

/// A bug of a light client, for tests of the test.
package enum LightMutant: String, CaseIterable, Sendable {
    /// A quarter of the trusted power is enough to skip.
    case trustsAQuarter
    /// Headers are trusted for ever.
    case periodIgnored
}

/// Light clients whose sources lie, on a chain whose validators change.
///
/// Less than a third of each set is faulty and signs anything; who left the set longer ago than
/// unbonding takes has nothing to lose, and is bought. Signatures are real. A client begins anywhere
/// and must never take a header for true that is not the chain's (I11).
package struct LightClientWorld {
    /// What came of one seed.
    package struct Report: Sendable {
        /// Headers that clients were given, and of those how many were forged.
        package var given = 0
        package var forged = 0
        /// Targets that clients reached, and refused.
        package var reached = 0
        package var refused = 0
        /// What must never happen and did, the first few.
        package var violations: [String] = []
    }

    private static let heights: UInt64 = 60
    private static let epochLength: UInt64 = 6
    private static let hour: Int64 = 3_600_000_000_000
    /// Headers are trusted for 20 hours, a block comes every hour, and unbonding takes 24.
    private static let trustingHours: Int64 = 20
    private static let unbondingHours: UInt64 = 24

    private let memberCount: Int
    private let faultyRemainder: Int
    private var draw: Draw
    private let rules: LightRules
    private let keys: [Ed25519PrivateKey]
    private var chain: [LightBlock] = []
    private var report = Report()

    /// A chain of 60 heights, of sets of so many members, one of whom changes every six heights.
    package init(seed: UInt64, members: Int, mutant: LightMutant? = nil) {
        memberCount = members
        draw = Draw(seed: Draw.mix(seed &+ 11))
        faultyRemainder = draw.index(below: 4)
        let epochs = Int(Self.heights / Self.epochLength) + 2
        keys = (0..<members + epochs).map { number in
            var bytes: [UInt8] = []
            bytes.append(bigEndian: seed)
            bytes.append(bigEndian: UInt64(number))
            return Ed25519PrivateKey(seed: SHA256.hash(bytes))
        }
        var rules = LightRules.celestia
        rules.trustingPeriodNanoseconds = Self.trustingHours * Self.hour
        switch mutant {
        case .trustsAQuarter: rules.trustLevel = VotingFraction(1, 4) ?? .oneThird
        case .periodIgnored: rules.trustingPeriodNanoseconds = 10_000 * Self.hour
        case nil: break
        }
        self.rules = rules
        build()
    }

    /// Lets so many clients begin somewhere and go somewhere.
    package mutating func run(clients: Int) -> Report {
        for _ in 0..<clients where report.violations.isEmpty { follow() }
        return report
    }

    // MARK: The chain

    private func members(at height: UInt64) -> Range<Int> {
        let first = Int((height - 1) / Self.epochLength)
        return first..<first + memberCount
    }

    private func isFaulty(_ key: Int) -> Bool { key % 4 == faultyRemainder }

    private func set(_ members: some Sequence<Int>) -> ValidatorSet {
        do {
            return try ValidatorSet(
                members.map {
                    Validator(key: .ed25519(keys[$0].publicKey), votingPower: 1)
                })
        } catch {
            preconditionFailure("members with power are a set: \(error)")
        }
    }

    private mutating func build() {
        for height in 1...Self.heights {
            let members = members(at: height)
            let header = header(
                height, parent: chain.last?.header, set(members),
                next: set(self.members(at: height + 1)))
            // Some honest members' votes do not come in time.
            let absent = draw.index(below: (memberCount - 1) / 3 + 1)
            chain.append(
                block(header, set(members), next: nil, signers: Array(members.dropLast(absent))))
        }
    }

    private func header(
        _ height: UInt64, parent: BlockHeader?, _ set: ValidatorSet, next: ValidatorSet,
        mark: UInt8 = 0
    ) -> BlockHeader {
        BlockHeader(
            appVersion: 1, chainID: MockBlocks.chainID, height: Height(height),
            time: CommitteeWorld.timestamp(height * UInt64(Self.hour / 1_000)),
            lastBlockID: parent.map { BlockID(header: $0) } ?? .none,
            lastCommitHash: MerkleTree.emptyRoot, dataHash: Bytes32(repeating: 1),
            validatorsHash: set.hash, nextValidatorsHash: next.hash,
            consensusHash: MockBlocks.parameters.hash, appHash: [mark],
            lastResultsHash: MerkleTree.emptyRoot, evidenceHash: MerkleTree.emptyRoot,
            proposerAddress: set.proposer.address)
    }

    private func block(
        _ header: BlockHeader, _ set: ValidatorSet, next: ValidatorSet?, signers: [Int]
    ) -> LightBlock {
        let votes = signers.map {
            BlockBuilding.vote(for: header, round: 1, by: keys[$0], at: header.time)
        }
        return LightBlock(
            signedHeader: SignedHeader(
                header: header,
                commit: BlockBuilding.commit(for: header, round: 1, votes: votes, of: set)),
            validatorSet: set,
            nextValidatorSet: next ?? self.set(members(at: header.height.value + 1)))
    }

    // MARK: Clients

    private mutating func follow() {
        let head = 2 + draw.next(below: Self.heights - 1)
        let first = 1 + draw.next(below: head - 1)
        let target = first + 1 + draw.next(below: head - first)
        let now = chain[Int(head) - 1].header.time.advanced(byNanoseconds: Self.hour / 2)
        guard let trusted = try? TrustedState(chain[Int(first) - 1]) else { return }
        var bisection = LightBisection(
            trusted: trusted, target: Height(target), rules: rules)
        while case .need(let height) = bisection.step {
            let genuine = chain[Int(height.value) - 1]
            report.given += 1
            var block = genuine
            if draw.index(below: 2) == 0 {
                report.forged += 1
                block = forged(height.value, head: head)
            }
            _ = bisection.give(block, now: now)
        }
        for block in bisection.trace
        where block.header != chain[Int(block.height.value) - 1].header {
            report.violations.append(
                "I11: from \(first) at \(head) a client took a false header of \(block.height)")
        }
        if case .done = bisection.step {
            report.reached += 1
        } else {
            report.refused += 1
        }
    }

    /// Keys that sign anything when the chain is so high.
    private func bought(_ head: UInt64) -> [Int] {
        keys.indices.filter { key in
            // A key is a member from when it enters the window of its set until it leaves that.
            let left = UInt64(key + 1) * Self.epochLength
            return isFaulty(key) && members(at: head).upperBound > key
                || left + Self.unbondingHours < head
        }
    }

    /// A header that is not the chain's, as far as one can be made.
    private mutating func forged(_ height: UInt64, head: UInt64) -> LightBlock {
        let genuine = chain[Int(height) - 1]
        let parent = height > 1 ? chain[Int(height) - 2].header : nil
        let members = members(at: height)
        let bought = bought(head)
        let mark = UInt8(1 + draw.index(below: 200))
        switch draw.index(below: 4) {
        case 0, 1:
            // A committee of one's own.
            let own = set(bought)
            let header = header(height, parent: parent, own, next: own, mark: mark)
            return block(header, own, next: own, signers: bought)
        case 2:
            // The true committee, as far as it signs.
            let header = header(
                height, parent: parent, set(members), next: set(self.members(at: height + 1)),
                mark: mark)
            return block(header, set(members), next: nil, signers: bought.filter(members.contains))
        default:
            // The true commit of another header.
            var changed = genuine
            changed.signedHeader.header.appHash = [mark]
            return changed
        }
    }
}
