// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import TestSupport
import Testing

/// The committee's messages, computed by another program from the chapter (family agreement).
@Suite struct AgreementVectors {
    /// Sign bytes and wire form of each kind of statement.
    @Test func everyStatement() throws {
        for test in try Self.cases("statement", 10) {
            let wire = try test["wire"].hex
            let signed = try SignedStatement(protobuf: wire)
            #expect(signed.protobuf == wire, "\(test.path)")
            let statement = signed.statement
            #expect(Int(statement.kind.rawValue) == (try test["kind"].integer))
            #expect(Int(statement.epoch.value) == (try test["epoch"].integer))
            #expect(Int(statement.view.value) == (try test["view"].integer))
            #expect(signed.place == (try test["place"].integer))
            #expect(signed.signature.array == (try test["signature"].hex))
            #expect((statement.block?.hash.hex ?? "") == (try test["hash"].string))
            let bytes = statement.signBytes(
                chainID: try test["chain"].string, timestamp: signed.timestamp)
            #expect(bytes == (try test["sign_bytes"].hex), "\(test.path)")
        }
    }

    /// Certificates with gaps among their signers.
    @Test func everyCertificate() throws {
        for test in try Self.cases("certificate", 4) {
            let wire = try test["wire"].hex
            let certificate = try QuorumCertificate(protobuf: wire)
            #expect(certificate.protobuf == wire, "\(test.path)")
            let places = try test["places"].array.map { try $0.integer }
            #expect(certificate.signatures.map(\.place) == places)
            #expect(Int(certificate.statement.kind.rawValue) == (try test["kind"].integer))
        }
    }

    /// Every other message is read and written as the other program wrote it.
    @Test func everyOtherMessage() throws {
        for test in try Self.cases("proposal", 1) {
            let wire = try test["wire"].hex
            let proposal = try Proposal(protobuf: wire)
            #expect(proposal.protobuf == wire)
            #expect(proposal.block.hash.hex == (try test["hash"].string))
            #expect(proposal.block.dataRoot.hex == (try test["data_root"].string))
            #expect(Int(proposal.parentView.value) == (try test["parent_view"].integer))
            let bytes = proposal.statement.signBytes(
                chainID: proposal.header.chainID, timestamp: .zero)
            #expect(bytes == (try test["sign_bytes"].hex))
        }
        for test in try Self.cases("standstill", 1) {
            let wire = try test["wire"].hex
            let standstill = try Standstill(protobuf: wire[...])
            #expect(standstill.protobuf == wire)
            #expect(Int(standstill.open.value) == (try test["open"].integer))
        }
        for test in try Self.cases("question", 2) {
            let wire = try test["wire"].hex
            #expect(try AgreementQuestion(protobuf: wire[...]).protobuf == wire)
        }
        for test in try Self.cases("greeting", 1) {
            let wire = try test["wire"].hex
            #expect(try Greeting(protobuf: wire[...]).protobuf == wire)
            let bytes = Greeting.signBytes(
                chainID: try test["chain"].string, peer: try test["peer"].hex)
            #expect(bytes == (try test["sign_bytes"].hex))
        }
    }

    /// Pairs of statements that convict, each with its id; and the seed of an epoch.
    @Test func everyPair() throws {
        for test in try Self.cases("evidence", 6) {
            let wire = try test["wire"].hex
            let evidence = try SlashingEvidence(protobuf: wire)
            #expect(evidence.protobuf == wire, "\(test.path)")
            #expect(Int(evidence.fault.rawValue) == (try test["fault"].integer))
            #expect(evidence.id.hex == (try test["evidence_id"].string))
        }
        for test in try Self.cases("epoch_seed", 1) {
            let seed = try #require(Bytes32(try test["seed"].hex))
            let block = try #require(Bytes32(try test["last_block"].hex))
            #expect(Epoch.seed(after: seed, lastBlock: block).hex == (try test["out"].string))
        }
    }

    /// Of all pairs of statements of one member only those of the table conflict, either way round.
    @Test func onlyTheTableConflicts() throws {
        let blocks = [1, 2].map {
            BlockReference(
                height: Height(5), hash: Bytes32(repeating: $0), dataRoot: Bytes32(repeating: 9))
        }
        var all: [Statement] = []
        for epoch in [Epoch(0), Epoch(1)] {
            for view in [View.first, View.first.next] {
                all.append(.nullify(epoch, view))
                for block in blocks {
                    all += [.propose(block, epoch, view), .notarize(block, epoch, view)]
                    all.append(.finalize(block, epoch, view))
                }
            }
            all += blocks.map { .commit($0, epoch) }
        }
        var counts: [VotingFault: Int] = [:]
        for (index, one) in all.enumerated() {
            #expect(one.fault(with: one) == nil)
            for two in all[..<index] {
                #expect(one.fault(with: two) == two.fault(with: one))
                if let fault = one.fault(with: two) { counts[fault, default: 0] += 1 }
            }
        }
        // Four slots of epoch and view; two blocks; commits have two slots.
        #expect(counts[.notarizeTwice] == 4)
        #expect(counts[.finalizeTwice] == 4)
        #expect(counts[.nullifyAndFinalize] == 8)
        #expect(counts[.notarizeAndFinalize] == 8)
        #expect(counts[.commitTwice] == 2)
        #expect(counts[.proposeTwice] == 4)
    }

    private static func cases(_ op: String, _ count: Int) throws -> [JSONTree] {
        let all = try Vectors.family("agreement").cases
        let found = try all.filter { try $0["op"].string == op }
        #expect(Vectors.isWhole(found.count, own: count))
        return found
    }
}
