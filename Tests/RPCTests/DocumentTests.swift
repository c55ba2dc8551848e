// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import ProofExamples
import RPC
import TestSupport
import Testing

/// The documents that are checked without a node: proofs of blobs and receipts of sampling.
@Suite struct DocumentTests {
    private let chain: ProofChain

    init() throws {
        chain = try ProofChain()
    }

    private func text(_ proof: BlobProof) -> [UInt8] {
        JSONWriter.text { BlobProofJSON.write(proof, to: &$0) }
    }

    private func text(_ receipt: SamplingReceipt) -> [UInt8] {
        JSONWriter.text { SamplingReceiptJSON.write(receipt, to: &$0) }
    }

    /// Whether a text is a proof that holds from a trusted height.
    private func holds(_ text: [UInt8], from height: Int) -> Bool {
        do {
            let proof = try BlobProofJSON.decode(try JSONParser.parse(text))
            try proof.verify(trusting: chain.headers[height - 1].hash, now: chain.now)
            return true
        } catch {
            return false
        }
    }

    /// Whether a text is a receipt that holds under the header of a height.
    private func holdsReceipt(_ text: [UInt8], _ height: Int) -> Bool {
        do {
            let receipt = try SamplingReceiptJSON.decode(try JSONParser.parse(text))
            try receipt.verify(trusting: chain.headers[height - 1].hash)
            return true
        } catch {
            return false
        }
    }

    /// From every height to every height a proof is valid by the schema, is read as it was written,
    /// holds from its trusted header and from no other.
    @Test func proofsFromEverywhere() throws {
        let schema = try JSONSchema(named: "blob-proof")
        for height in 1...6 {
            for trusted in 1...6 {
                let proof = try chain.proof(of: height, from: trusted, withBlob: trusted == 1)
                let text = text(proof)
                #expect(try schema.faults(in: text) == [])
                #expect(try BlobProofJSON.decode(try JSONParser.parse(text)) == proof)
                for other in 1...6 {
                    let isTrue = holds(text, from: other)
                    #expect(isTrue == (other == trusted), "\(height), \(trusted), \(other)")
                }
            }
        }
    }

    /// Whatever is changed in a proof, it is refused: every leaf, one by one.
    @Test(arguments: [(3, 3, true), (5, 3, false), (2, 4, false)])
    func everyLeafOfAProof(height: Int, trusted: Int, withBlob: Bool) throws {
        let text = text(try chain.proof(of: height, from: trusted, withBlob: withBlob))
        #expect(holds(text, from: trusted))
        let changes = try Tampering.leaves(of: text)
        #expect(changes.count > 100)
        for change in changes {
            let isTrue = holds(change.text, from: trusted)
            #expect(!isTrue, "\(change.place)")
        }
    }

    /// Members whose absence says the same as what stands there: no blob, and zeros.
    private static let optional = [
        "$.blob", "$.blob.share_version", "$.commitment_proof.namespace_version",
    ]

    /// Whatever is left out of a proof, it is refused, but for what need not be there.
    @Test(arguments: [(3, 3, true), (5, 3, false), (2, 4, false)])
    func everyOmissionOfAProof(height: Int, trusted: Int, withBlob: Bool) throws {
        let text = text(try chain.proof(of: height, from: trusted, withBlob: withBlob))
        for change in try Tampering.omissions(of: text) {
            let isTrue = holds(change.text, from: trusted)
            #expect(isTrue == Self.optional.contains(change.place), "\(change.place)")
        }
    }

    /// A proof from an older header ends with the trusting period; others have no end.
    @Test func trustingPeriod() throws {
        let late = chain.now.advanced(byNanoseconds: 8 * 86_400 * 1_000_000_000)
        let older = try chain.proof(of: 5, from: 3)
        #expect(throws: BlobProofFault.step(Height(4), .expired)) {
            try older.verify(trusting: chain.headers[2].hash, now: late)
        }
        for trusted in [5, 6] {
            let proof = try chain.proof(of: 5, from: trusted)
            try proof.verify(trusting: chain.headers[trusted - 1].hash, now: late)
        }
    }

    /// Headers may be left out only while enough of the trusted committee still signs.
    @Test func skippingNeedsOverlap() throws {
        var proof = try chain.proof(of: 5, from: 1)
        guard case .later(let blocks) = proof.path else {
            Issue.record("a path upwards")
            return
        }
        let hash = chain.headers[0].hash
        try proof.verify(trusting: hash, now: chain.now)
        proof.path = .later([blocks[0], blocks[1], blocks[3]])
        #expect(throws: BlobProofFault.step(Height(4), .notEnoughTrust(signed: 10, total: 30))) {
            try proof.verify(trusting: hash, now: chain.now)
        }
    }

    /// A blob's proof with another blob inside, or of another document, is refused by its name.
    @Test func otherDocuments() throws {
        var proof = try chain.proof(of: 2, from: 2, withBlob: true)
        proof.blob = chain.blobs[3]
        #expect(throws: BlobProofFault.blob) {
            try proof.verify(trusting: chain.headers[1].hash, now: chain.now)
        }
        let receipt = text(chain.receipt(of: 2, count: 4, wanted: 4))
        #expect(throws: ParameterFault.self) {
            try BlobProofJSON.decode(try JSONParser.parse(receipt))
        }
    }

    /// Receipts of all verdicts are valid by the schema, are read as written, and hold.
    @Test func receipts() throws {
        let schema = try JSONSchema(named: "sampling-receipt")
        for (count, wanted) in [(1, 1), (4, 4), (16, 16), (0, 16), (9, 16)] {
            let receipt = chain.receipt(of: 6, count: count, wanted: wanted)
            let text = text(receipt)
            #expect(try schema.faults(in: text) == [])
            #expect(try SamplingReceiptJSON.decode(try JSONParser.parse(text)) == receipt)
            #expect(holdsReceipt(text, 6))
            #expect(!holdsReceipt(text, 5))
        }
    }

    /// Whatever is changed in a receipt is noticed, but the peers, who are the node's own word.
    @Test func everyLeafOfAReceipt() throws {
        let text = text(chain.receipt(of: 4, count: 5, wanted: 5))
        var peers = 0
        for change in try Tampering.leaves(of: text) {
            let isPeer = change.place.hasSuffix(".peer")
            if isPeer { peers += 1 }
            let isTrue = holdsReceipt(change.text, 4)
            #expect(isTrue == isPeer, "\(change.place)")
        }
        #expect(peers > 0)
        for change in try Tampering.omissions(of: text) {
            let isTrue = holdsReceipt(change.text, 4)
            #expect(!isTrue, "\(change.place)")
        }
    }

    /// A share counts once, however often it stands in a receipt, and a withheld block has no
    /// confidence.
    @Test func confidenceIsEarned() throws {
        var receipt = chain.receipt(of: 4, count: 5, wanted: 5)
        receipt.answers[4] = receipt.answers[3]
        #expect(throws: SamplingReceiptFault.claim("places")) {
            try receipt.verify(trusting: nil)
        }
        receipt = chain.receipt(of: 4, count: 5, wanted: 6)
        receipt.confidencePartsPerMillion = 1
        #expect(throws: SamplingReceiptFault.claim("confidence")) {
            try receipt.verify(trusting: nil)
        }
        receipt = chain.receipt(of: 4, count: 5, wanted: 6)
        receipt.isAvailable = true
        #expect(throws: SamplingReceiptFault.claim("verdict")) {
            try receipt.verify(trusting: nil)
        }
    }
}
