// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Testing

/// Headers and commits of our own chain hold under the rules for everybody's.
@Suite struct BlockBuildingTests {
    static func extended(_ block: LightBlock) throws -> ExtendedHeader {
        ExtendedHeader(
            header: block.header, commit: block.signedHeader.commit,
            validatorSet: block.validatorSet,
            dataAvailabilityHeader: try ChainExamples.emptyRoots())
    }

    /// The empty block's roots are those that Celestia's empty block has.
    @Test func emptyBlockRoot() throws {
        #expect(
            try ChainExamples.emptyRoots().dataRoot.hex.uppercased()
                == "3D96B7D238E7E0456F6AF8E7CDF0A67BD6CF9C2089ECB559C659DCAA1F880353")
    }

    /// A committee of one and one of many make chains that are valid and verify.
    @Test func chainsOfOneAndOfMany() throws {
        for committee in [[1: 1], [1: 5, 2: 5, 3: 5, 4: 6], [7: 1, 8: 1, 9: 1]] as [[Int: Int64]] {
            var parent = BlockBuilding.Parent.none
            var trusted: TrustedState?
            for height in 1...5 as ClosedRange<Int64> {
                let block = try ChainExamples.block(
                    on: parent, at: 100 + height, by: committee, next: committee)
                let header = try Self.extended(block)
                #expect(throws: Never.self) { try header.validate() }
                #expect(try ExtendedHeader(protobuf: header.protobuf) == header)
                #expect(header.commit.blockID.partSetTotal == 1)
                #expect(header.commit.blockID.partSetHash == header.header.dataHash)
                if let state = trusted {
                    trusted = try LightVerification.verify(
                        trusted: state, untrusted: block, now: header.time, rules: .celestia)
                } else {
                    trusted = try TrustedState(block)
                }
                parent = .block(block.signedHeader)
            }
            #expect(trusted?.height == Height(5))
        }
    }

    /// A parent's time is exceeded even when the clock stands still or goes back.
    @Test func timeGrows() throws {
        let first = try ChainExamples.block(on: .none, at: 100, by: [1: 1], next: [1: 1])
        let second = try ChainExamples.block(
            on: .block(first.signedHeader), at: 50, by: [1: 1], next: [1: 1])
        #expect(second.header.time == first.header.time.advanced(byNanoseconds: 1_000_000))
    }

    /// Each rule of a valid header, broken alone, gives its own fault.
    @Test func everyRuleHasItsFault() throws {
        let block = try ChainExamples.block(
            on: .none, at: 100, by: [1: 5, 2: 5, 3: 5, 4: 5], next: [1: 1])
        let good = try Self.extended(block)
        func fault(_ change: (inout ExtendedHeader) throws -> Void) throws -> HeaderFault? {
            var header = good
            try change(&header)
            do throws(HeaderFault) {
                try header.validate()
                return nil
            } catch {
                return error
            }
        }
        func resigned(_ change: (inout BlockHeader) -> Void) throws -> HeaderFault? {
            try fault {
                change(&$0.header)
                let header = $0.header
                let votes = (1...4).map {
                    BlockBuilding.vote(
                        for: header, round: 1, by: ChainExamples.key($0), at: header.time)
                }
                $0.commit = BlockBuilding.commit(
                    for: header, round: 1, votes: votes, of: $0.validatorSet)
            }
        }
        let members = block.validatorSet.validators
        #expect(try fault { _ in } == nil)
        #expect(try resigned { $0.blockVersion = 10 } == .blockVersion(10))
        #expect(try resigned { $0.appVersion = 0 } == .appVersion(0))
        #expect(try resigned { $0.appVersion = 11 } == .appVersion(11))
        #expect(
            try resigned { $0.chainID = String(repeating: "x", count: 51) } == .chainIDTooLong(51))
        #expect(try resigned { $0.height = Height(0) } == .height(Height(0)))
        #expect(try resigned { $0.proposerAddress = nil } == .proposerMissing)
        #expect(
            try resigned { $0.validatorsHash = nil }
                == .validatorsHash(named: nil, given: good.validatorSet.hash))
        #expect(
            try resigned { $0.dataHash = Bytes32() }
                == .dataHash(named: Bytes32(), given: good.dataAvailabilityHeader.dataRoot))
        #expect(try fault { $0.commit.height = Height(2) } == .commitHeight(Height(2)))
        #expect(try fault { $0.header.appHash = [] } == .commitBlock(good.hash))
        #expect(try fault { $0.commit.blockID.hash = nil } == .commitBlock(nil))
        #expect(try fault { $0.commit.blockID.partSetTotal = 0 } == .commitIncomplete)
        #expect(try fault { $0.commit.round = -1 } == .commitIncomplete)
        #expect(
            try fault { $0.commit.signatures.removeLast() } == .commitSize(places: 3, members: 4))
        #expect(try fault { $0.commit.signatures[1].signature = nil } == .voteMalformed(place: 1))
        #expect(try fault { $0.commit.signatures[1].flag = .absent } == .voteMalformed(place: 1))
        #expect(try fault { $0.commit.signatures.swapAt(0, 1) } == .voteMisplaced(place: 0))
        #expect(
            try fault { $0.commit.signatures[0].timestamp = .zero }
                == .signature(members[0].address))
        #expect(try fault { $0.commit.round = 2 } == .signature(members[0].address))
        #expect(try fault { $0.commit.signatures[3] = .absent } == nil)
        #expect(
            try fault {
                $0.commit.signatures[3] = .absent; $0.commit.signatures[0] = .absent
            }
                == .notEnoughPower(signed: 10, total: 20))
        #expect(
            try fault { for place in 0..<2 { $0.commit.signatures[place].flag = .nil } }
                == .notEnoughPower(signed: 10, total: 20))
    }

    /// Exactly two thirds is not enough, one unit more is.
    @Test func twoThirdsMustBeExceeded() {
        #expect(!VotingFraction.twoThirds.isExceeded(by: 2, of: 3))
        #expect(VotingFraction.twoThirds.isExceeded(by: 3, of: 4))
        #expect(!VotingFraction.oneThird.isExceeded(by: .max / 3, of: .max))
        #expect(VotingFraction.oneThird.isExceeded(by: .max / 3 + 1, of: .max))
        #expect(VotingFraction(1, 4)?.isTrustLevel == false)
        #expect(VotingFraction(.max / 2, .max)?.isTrustLevel == true)
        #expect(VotingFraction(2, 1) == nil && VotingFraction(0, 0) == nil)
    }

    /// The extension is bound by the consensus hash and survives the wire.
    @Test func extensionIsBound() throws {
        let parameters = ConsensusParameters(blockMaxBytes: 1, blockMaxGas: -1)
        let first = HeaderExtension(
            view: 9, parentView: 7, nullifications: [[1, 2], []],
            custodySeed: Bytes32(repeating: 4),
            sidecarBinding: Bytes32(repeating: 5))
        #expect(try HeaderExtension(protobuf: first.protobuf) == first)
        var second = first
        second.view = 10
        #expect(first.consensusHash(parameters) != second.consensusHash(parameters))
        #expect(
            first.consensusHash(parameters)
                == SHA256.hash(parameters.hash.array + first.hash.array))
        second.nullifications = [[UInt8]](
            repeating: [], count: HeaderExtension.nullificationLimit + 1)
        #expect(throws: DecodeFault.self) { try HeaderExtension(protobuf: second.protobuf) }
        #expect(throws: DecodeFault.self) {
            try HeaderExtension(protobuf: first.protobuf + [0x30, 1])
        }
    }
}
