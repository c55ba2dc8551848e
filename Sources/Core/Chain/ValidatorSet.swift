// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// What cannot be a validator set.
public enum ValidatorSetFault: Error, Hashable, Sendable {
    /// There is nobody in it.
    case empty
    /// There are more than `ValidatorSet.limit` in it.
    case tooMany(Int)
    /// A weight is zero or negative.
    case powerNotPositive(Bytes20)
    /// The weights add up to more than `ValidatorSet.powerLimit`.
    case powerOverLimit
    /// One address stands twice.
    case duplicate(Bytes20)
    /// The proposer is not a member.
    case foreignProposer(Bytes20)
}

extension ValidatorSetFault: CustomStringConvertible {
    /// One line: what was wrong.
    public var description: String {
        switch self {
        case .empty: "a validator set without validators"
        case .tooMany(let count): "\(count) validators, the limit is \(ValidatorSet.limit)"
        case .powerNotPositive(let address): "validator \(address) has no power"
        case .powerOverLimit: "the validators have too much power together"
        case .duplicate(let address): "validator \(address) stands twice"
        case .foreignProposer(let address): "proposer \(address) is no validator"
        }
    }
}

/// A committee: its members by weight, heaviest first, equal ones by address.
///
/// Wire form: `ValidatorSet {repeated Validator validators=1; Validator proposer=2; int64
/// total_voting_power=3}`. A set from the wire is put into order, as CometBFT keeps it.
/// Specified in Protocol/10-chain-and-ledger.md#set-order.
public struct ValidatorSet: Hashable, Sendable {
    /// The most members; a commit has as many votes at most.
    public static let limit = Commit.signatureLimit
    /// The most weight that a set may have in all, so that sums stay far from overflow.
    public static let powerLimit = Int64.max / 8

    /// The members in the set's order.
    public let validators: [Validator]
    /// Whose turn CometBFT says it is; the first member unless told otherwise.
    public let proposer: Validator
    /// The weight of all members.
    public let totalVotingPower: Int64
    /// The Merkle root over keys and weights, which headers name.
    public let hash: Bytes32
    private let places: [Bytes20: Int]

    /// Puts members into order; refuses what cannot be a set.
    public init(
        _ members: [Validator], proposer: Bytes20? = nil
    ) throws(ValidatorSetFault) {
        guard members.count <= Self.limit else { throw .tooMany(members.count) }
        let sorted = members.sorted {
            ($1.votingPower, $0.address) < ($0.votingPower, $1.address)
        }
        guard let first = sorted.first else { throw .empty }
        var total: Int64 = 0
        var places: [Bytes20: Int] = [:]
        for (place, validator) in sorted.enumerated() {
            guard validator.votingPower > 0 else {
                throw .powerNotPositive(validator.address)
            }
            guard validator.votingPower <= Self.powerLimit - total else {
                throw .powerOverLimit
            }
            total += validator.votingPower
            guard places.updateValue(place, forKey: validator.address) == nil else {
                throw .duplicate(validator.address)
            }
        }
        validators = sorted
        totalVotingPower = total
        hash = MerkleTree.root(sorted.map(\.simpleProtobuf))
        self.places = places
        guard let proposer else {
            self.proposer = first
            return
        }
        guard let place = places[proposer] else { throw .foreignProposer(proposer) }
        self.proposer = sorted[place]
    }

    /// How many members there are.
    public var count: Int { validators.count }

    /// The place of an address in the set's order.
    public func place(of address: Bytes20) -> Int? { places[address] }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var members: [Validator] = []
        var proposer: Bytes20?
        while let field = try reader.next() {
            switch field.number {
            case 1:
                guard members.count < Self.limit else {
                    throw DecodeFault(
                        .overLimit(
                            field: "validators", limit: Self.limit, actual: members.count + 1),
                        at: field.offset)
                }
                members.append(try Validator(protobuf: try field.bytes()))
            case 2: proposer = try Validator(protobuf: try field.bytes()).address
            default: break
            }
        }
        do throws(ValidatorSetFault) {
            try self.init(members, proposer: proposer)
        } catch {
            throw .malformed("no validator set: \(error)")
        }
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    ///
    /// The total is left out, as CometBFT leaves it out: whoever reads it must add up anyway.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 96 * (count + 1))
        for validator in validators { writer.presentBytes(1, validator.protobuf) }
        writer.presentBytes(2, proposer.protobuf)
        return writer.bytes
    }
}
