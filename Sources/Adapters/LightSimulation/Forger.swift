// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography

/// Makes headers that never were, with the keys that liars have.
///
/// They have those of the faulty members of each committee (less than a third of its power), and of all
/// who have left every committee so long ago that nothing of theirs is at stake any more.
struct Forger {
    /// The kinds of lies.
    enum Lie: CaseIterable {
        case thinVotes, ownSet, strongOwnSet, stolenVotes, replayed, doubledVotes, future
        case otherParent, oldCommittee, inflatedSet, nilVotes, otherChain
    }

    private let chain: ElectedChain
    private(set) var faulty: [Bool]
    /// The last epoch in which a validator was a member.
    private let lastSeat: [Int]
    private let strangers: [Ed25519PrivateKey]

    init(_ chain: ElectedChain, share: (Int64, Int64), _ draw: inout LightDraw) {
        self.chain = chain
        var seats = chain.keys.map { _ in -1 }
        for (epoch, committee) in chain.committees.enumerated() {
            for member in committee { seats[member.validator] = epoch }
        }
        lastSeat = seats
        faulty = chain.keys.map { _ in false }
        strangers = (0..<4).map {
            Ed25519PrivateKey(seed: SHA256.hash(Array("stranger \(chain.plan.seed) \($0)".utf8)))
        }
        var order = Array(chain.keys.indices)
        for index in order.indices.dropFirst().reversed() {
            order.swapAt(index, draw.index(below: index + 1))
        }
        for validator in order {
            faulty[validator] = true
            let isTooMuch = chain.committees.contains { committee in
                let bad = committee.reduce(0) { $0 + (faulty[$1.validator] ? $1.power : 0) }
                return bad * share.1 >= committee.reduce(0) { $0 + $1.power } * share.0
            }
            if isTooMuch { faulty[validator] = false }
        }
    }

    /// Whether liars have the key of a validator at a moment.
    func isOwned(_ validator: Int, at milliseconds: UInt64) -> Bool {
        if faulty[validator] { return true }
        // Who leaves begins to unbond two epochs before the seat is gone.
        let end = UInt64(max(0, lastSeat[validator] - 2)) * chain.plan.epochBlocks * chain.plan.pace
        return ElectedChain.start + end + 1_213_200_000 < milliseconds
    }

    /// A header of a height that the chain does not have there, or one of another height.
    func forge(
        _ height: UInt64, above trusted: UInt64, at milliseconds: UInt64, _ draw: inout LightDraw
    ) -> ExtendedHeader {
        let known = min(max(height, 1), UInt64(chain.headers.count))
        let real = chain.header(known)
        let lie = Lie.allCases[draw.index(below: Lie.allCases.count)]
        var header = real.header
        header.height = Height(height)
        header.appHash = SHA256.hash([UInt8](header.appHash) + [1]).array
        let last = max(header.time.nanosecondsSince1970 ?? 0, milliseconds * 1_000_000)
        if height > UInt64(chain.headers.count) || draw.chance(percent: 50) {
            header.time = Timestamp(nanosecondsSince1970: last)
        }
        let members = chain.committees[chain.epoch(of: known)].map(\.validator)
        let owned = members.filter { isOwned($0, at: milliseconds) }
        switch lie {
        case .thinVotes: return signed(header, members, by: owned)
        case .ownSet: return signed(header, owned, by: owned)
        case .strongOwnSet:
            let before = chain.committees[
                chain.epoch(of: min(max(trusted, 1), UInt64(chain.headers.count)))
            ].map(\.validator).filter { isOwned($0, at: milliseconds) }
            return signed(header, before, by: before)
        case .stolenVotes:
            return extended(header, real.commit, real.validatorSet)
        case .replayed:
            let other = 1 + draw.next(below: UInt64(chain.headers.count))
            return chain.header(other)
        case .doubledVotes:
            var forged = signed(header, members, by: owned)
            if let vote = forged.commit.signatures.first(where: { $0.flag == .commit }) {
                for place in forged.commit.signatures.indices {
                    forged.commit.signatures[place] = vote
                }
            }
            return forged
        case .future:
            header.time = Timestamp(nanosecondsSince1970: last + 60_000_000_000)
            return signed(header, owned, by: owned)
        case .otherParent:
            header.lastBlockID = BlockID(
                hash: SHA256.hash([1]), partSetTotal: 1, partSetHash: SHA256.hash([2]))
            return signed(header, members, by: owned)
        case .oldCommittee:
            let committee = chain.committees[draw.index(below: chain.committees.count)]
            let old = committee.map(\.validator)
            return signed(header, old, by: old.filter { isOwned($0, at: milliseconds) })
        case .inflatedSet: return signed(header, members, by: owned, isInflated: true)
        case .nilVotes:
            var forged = signed(header, members, by: owned)
            for (place, vote) in real.commit.signatures.enumerated()
            where place < forged.commit.signatures.count
                && forged.commit.signatures[place].flag == .absent
            {
                forged.commit.signatures[place] = vote
            }
            return forged
        case .otherChain:
            header.chainID = "elsewhere"
            return signed(header, owned, by: owned)
        }
    }

    private func signed(
        _ header: BlockHeader, _ members: [Int], by signers: [Int], isInflated: Bool = false
    ) -> ExtendedHeader {
        var validators = members.map { member in
            Validator(
                key: .ed25519(chain.keys[member].publicKey),
                votingPower: isInflated && faulty[member] ? 1 << 40 : power(of: member))
        }
        var keys = signers.map { chain.keys[$0] }
        if members.isEmpty {
            validators = strangers.map {
                Validator(key: .ed25519($0.publicKey), votingPower: 100_000_000)
            }
            keys = strangers
        }
        let set: ValidatorSet
        do throws(ValidatorSetFault) {
            set = try ValidatorSet(validators)
        } catch {
            preconditionFailure("validators of a chain are a set: \(error)")
        }
        var header = header
        header.validatorsHash = set.hash
        let votes = keys.map {
            BlockBuilding.vote(for: header, round: 1, by: $0, at: header.time)
        }
        return extended(
            header, BlockBuilding.commit(for: header, round: 1, votes: votes, of: set), set)
    }

    /// The power that a validator had in its last committee.
    private func power(of validator: Int) -> Int64 {
        guard lastSeat[validator] >= 0 else { return 1 }
        return chain.committees[lastSeat[validator]].first { $0.validator == validator }?.power ?? 1
    }

    private func extended(
        _ header: BlockHeader, _ commit: Commit, _ set: ValidatorSet
    ) -> ExtendedHeader {
        ExtendedHeader(
            header: header, commit: commit, validatorSet: set,
            dataAvailabilityHeader: ElectedChain.roots)
    }
}
