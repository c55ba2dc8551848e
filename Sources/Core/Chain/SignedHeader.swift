// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A header and the commit that makes it final.
///
/// Wire form: `SignedHeader {Header header=1; Commit commit=2}`.
public struct SignedHeader: Hashable, Sendable {
    /// The header.
    public var header: BlockHeader
    /// The votes for it.
    public var commit: Commit

    /// Takes the parts.
    public init(header: BlockHeader, commit: Commit) {
        self.header = header
        self.commit = commit
    }

    /// Checks everything that needs no validator set: fields in range, the commit for this header.
    public func checkForm() throws(HeaderFault) {
        guard header.blockVersion == BlockHeader.blockVersion else {
            throw .blockVersion(header.blockVersion)
        }
        guard header.chainID.utf8.count <= BlockHeader.chainIDLimit else {
            throw .chainIDTooLong(header.chainID.utf8.count)
        }
        guard header.height > Height(0), header.height <= .largest else {
            throw .height(header.height)
        }
        guard header.proposerAddress != nil else { throw .proposerMissing }
        guard commit.height == header.height else { throw .commitHeight(commit.height) }
        guard commit.blockID.hash == header.hash else {
            throw .commitBlock(commit.blockID.hash)
        }
        guard commit.blockID.isComplete, commit.round >= 0 else { throw .commitIncomplete }
    }

    /// Checks the form, and that the header names `set`.
    public func check(names set: ValidatorSet) throws(HeaderFault) {
        try checkForm()
        guard header.validatorsHash == set.hash else {
            throw .validatorsHash(named: header.validatorsHash, given: set.hash)
        }
    }

    /// Checks that each member of `set` has its place, and that more than two thirds signed.
    public func checkVotes(of set: ValidatorSet) throws(HeaderFault) {
        guard commit.signatures.count == set.count else {
            throw .commitSize(places: commit.signatures.count, members: set.count)
        }
        for (place, vote) in commit.signatures.enumerated() {
            guard vote.isWellFormed, vote.flag != .absent || vote == .absent else {
                throw .voteMalformed(place: place)
            }
            guard let address = vote.validatorAddress else { continue }
            guard address == set.validators[place].address else {
                throw .voteMisplaced(place: place)
            }
        }
        var tally = CommitTally(commit, chainID: header.chainID)
        try tally.require(moreThan: .twoThirds, of: set)
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var header: BlockHeader?
        var commit: Commit?
        while let field = try reader.next() {
            switch field.number {
            case 1: header = try BlockHeader(protobuf: try field.bytes())
            case 2: commit = try Commit(protobuf: try field.bytes())
            default: break
            }
        }
        guard let header, let commit else {
            throw .malformed("a signed header lacks its header or its commit")
        }
        self.init(header: header, commit: commit)
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.presentBytes(1, header.protobuf)
        writer.presentBytes(2, commit.protobuf)
        return writer.bytes
    }
}
