// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Chain
import Cryptography
import DataSquare
import Foundation
import Ledger
import Peering
import Staking
import StateTree
import Syncing
import TestSupport
import Testing

/// Protocol/wire against what the code writes.
@Suite struct WireSchemasTests {
    static func schema() throws -> WireSchema {
        var schema = WireSchema()
        for file in try SpecificationLinksTests.files(in: "Protocol/wire", ["proto"]) {
            try schema.read(try String(contentsOf: file, encoding: .utf8))
        }
        return schema
    }

    /// Every schema can be read, every type that it names exists, every import too.
    @Test func schemasAreWhole() throws {
        let schema = try Self.schema()
        #expect(schema.messages.count > 30)
        for (message, fields) in schema.messages.sorted(by: { $0.key < $1.key }) {
            for field in fields { _ = try schema.kind(of: field.type, within: message) }
            #expect(!fields.isEmpty, "\(message)")
        }
        for file in try SpecificationLinksTests.files(in: "Protocol/wire", ["proto"]) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for link in text.matches(of: /import "([^"]+)";/)
            where !link.1.hasPrefix("google/") {
                let target = file.deletingLastPathComponent().appending(path: String(link.1))
                #expect(FileManager.default.fileExists(atPath: target.path), "\(link.1)")
            }
        }
    }

    /// What the code writes has exactly the fields of the schema, with the schema's wire types.
    ///
    /// Inputs are the fuzzing corpus and the vectors' headers; each is read and written again.
    @Test func whatIsWrittenIsInTheSchema() throws {
        let schema = try Self.schema()
        let never: Set<String> = [
            // A blob's namespace always has version 0, and defaults are left out.
            "proto.blob.v1.BlobProto.namespace_version",
            // Version 0 namespaces, too.
            "celestia.core.v1.proof.ShareProof.namespace_version",
            // An old name of the operator, read but not written.
            "cosmos.staking.v1beta1.MsgCreateValidator.delegator_address",
        ]
        var seen: Set<String> = []
        var written: Set<String> = []
        for message in Self.messages + Self.stakingMessages {
            let inputs = try Self.inputs(message.folder)
            var count = 0
            for input in inputs {
                guard let bytes = message.rewrite(input) else { continue }
                count += 1
                seen.formUnion(try schema.walk(bytes[...], as: message.name))
            }
            #expect(count > 0, "\(message.name): nothing to write")
            written.insert(message.name)
        }
        for name in written.sorted() {
            for field in try #require(schema.messages[name])
            where !never.contains("\(name).\(field.name)") {
                let isSeen = seen.contains("\(name).\(field.name)")
                #expect(isSeen, "never written: \(name).\(field.name)")
            }
        }
    }

    private struct Message: Sendable {
        let name: String
        let folder: String
        /// Reads and writes again; nil for inputs that are refused.
        let rewrite: @Sendable ([UInt8]) -> [UInt8]?
    }

    private static func accepted(_ body: () throws -> [UInt8]?) -> [UInt8]? {
        do { return try body() } catch { return nil }
    }

    private static let messages: [Message] = [
        Message(name: "proto.blob.v1.BlobTx", folder: corpus("blob-transaction")) { input in
            accepted { try BlobTransaction.decodeIfMarked(input)?.encode() }
        },
        Message(name: "proto.blob.v1.BlobProto", folder: corpus("blob")) { input in
            accepted { try Blob(protobuf: input).protobuf }
        },
        Message(name: "proto.blob.v1.IndexWrapper", folder: corpus("index-wrapper")) { input in
            accepted { try IndexWrapper.decodeIfMarked(input)?.encode() }
        },
        Message(name: "tendermint.crypto.Proof", folder: corpus("merkle-proof")) { input in
            accepted { try MerkleProof(protobuf: input).protobuf }
        },
        Message(
            name: "cosmos.ics23.v1.CommitmentProof", folder: corpus("state-proof")
        ) { input in
            accepted { try StateProof(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.state.v1.StateQuestion", folder: corpus("state-question")
        ) { input in
            accepted { try StateQuestion(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.snapshot.v1.SnapshotQuestion", folder: corpus("snapshot-question")
        ) { input in
            accepted { try SnapshotQuestion(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.snapshot.v1.SnapshotAnswer", folder: corpus("snapshot-answer")
        ) { input in
            accepted { try SnapshotAnswer(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.state.v1.StateResponse", folder: corpus("state-response")
        ) { input in
            accepted { try StateResponse(protobuf: input).protobuf }
        },
        Message(name: "proof.pb.Proof", folder: corpus("namespace-proof")) { input in
            accepted { try NamespaceProof(protobuf: input).protobuf }
        },
        Message(name: "shwap.Sample", folder: corpus("sample")) { input in
            accepted { try UnverifiedSample(protobuf: input).protobuf }
        },
        Message(name: "shwap.Row", folder: corpus("row")) { input in
            accepted { try UnverifiedRow(protobuf: input).protobuf }
        },
        Message(name: "shwap.RowNamespaceData", folder: corpus("row-namespace-data")) { input in
            accepted { try UnverifiedRowNamespaceData(protobuf: input).protobuf }
        },
        Message(
            name: "shwap.RangeNamespaceData", folder: corpus("range-namespace-data-message")
        ) { input in
            accepted { try UnverifiedRangeNamespaceData(protobuf: input).protobuf }
        },
        Message(
            name: "celestia.core.v1.da.DataAvailabilityHeader",
            folder: corpus("data-availability-header")
        ) { input in
            accepted { try DataAvailabilityHeader(protobuf: input).protobuf }
        },
        Message(
            name: "celestia.core.v1.proof.RowProof", folder: corpus("row-proof")
        ) { input in
            accepted { try RowProof(protobuf: input).protobuf }
        },
        Message(
            name: "celestia.core.v1.proof.ShareProof", folder: corpus("share-proof")
        ) { input in
            accepted { try ShareProof(protobuf: input).protobuf }
        },
        Message(
            name: "share.eds.byzantine.pb.BadEncoding", folder: corpus("bad-encoding-proof")
        ) { input in
            accepted { try BadEncodingProof(protobuf: input).protobuf }
        },
        Message(name: "pubsub.pb.RPC", folder: corpus("gossip-rpc")) { input in
            accepted { try GossipRPC(decoding: input[...]).encode() }
        },
        Message(
            name: "share.shrex.RecentEDSNotification", folder: corpus("square-announcement")
        ) { input in
            accepted { try SquareAnnouncement(protobuf: input).protobuf }
        },
        Message(name: "dht.pb.Message", folder: corpus("kad-message")) { input in
            accepted {
                var body = ByteReader(try KademliaMessage(decoding: input).encode())
                return [UInt8](try body.lengthPrefixed(limit: KademliaMessage.questionLimit))
            }
        },
        Message(name: "fraud.pb.FraudMessageRequest", folder: corpus("fraud-request")) { input in
            accepted {
                unprefixed(
                    FraudExchange.encodeRequest(
                        types: try FraudExchange.decodeRequest(input)))
            }
        },
        Message(name: "fraud.pb.FraudMessageResponse", folder: corpus("fraud-answer")) { input in
            accepted {
                unprefixed(
                    FraudExchange.encodeAnswer(
                        try FraudExchange.decodeAnswer(input)))
            }
        },
        Message(name: "quadrat.chain.v1.SidecarOpening", folder: corpus("sidecar-answer")) {
            input in
            accepted { try SidecarExchange.decodeAnswer(input)?.opening.protobuf }
        },
        Message(name: "header.pb.ExtendedHeader", folder: "Protocol/vectors/p2p/k2/chain") {
            input in
            accepted { try ExtendedHeader(protobuf: input).protobuf }
        },
        Message(name: "quadrat.rows.v1.RowMessage", folder: corpus("row-message")) { input in
            accepted { try RowMessage(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.agreement.v1.AgreementMessage", folder: corpus("agreement-message")
        ) { input in
            accepted { try AgreementMessage(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.agreement.v1.SlashingEvidence", folder: corpus("slashing-evidence")
        ) { input in
            accepted { try SlashingEvidence(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.agreement.v1.ImpossibleVote", folder: corpus("impossible-vote")
        ) { input in
            accepted { try ImpossibleVote(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.staking.v1.MsgIncludeVotes", folder: corpus("included-votes")
        ) { input in
            accepted { try IncludedVotes(protobuf: input).protobuf }
        },
        Message(name: "quadrat.v1.AxisRoot", folder: corpus("axis-root")) { input in
            accepted { try UnverifiedAxisRoot(protobuf: input).protobuf }
        },
        Message(name: "quadrat.v1.SamplingHeader", folder: corpus("sampling-header")) { input in
            accepted { try UnverifiedSamplingHeader(protobuf: input).protobuf }
        },
        Message(
            name: "quadrat.v1.SamplingHeaderRequest", folder: corpus("sampling-header-request")
        ) { input in
            accepted {
                let bytes = try SamplingHeaderRequest(decoding: input).encode()
                var reader = ByteReader(bytes)
                return [UInt8](try reader.lengthPrefixed(limit: bytes.count))
            }
        },
    ]

    /// Messages of staking, each behind a byte for its type.
    private static let stakingMessages = StakingMessageType.allCases.enumerated().map {
        (index, type) in
        Message(name: String(type.rawValue.dropFirst()), folder: corpus("staking-message")) {
            input in
            accepted {
                guard input.first == UInt8(index) else { return nil }
                return try StakingMessage(
                    typeURL: type.rawValue, value: Array(input.dropFirst()),
                    rules: StakingRules())?.protobuf(rules: StakingRules())
            }
        }
    }

    /// A message without its length.
    private static func unprefixed(_ bytes: [UInt8]) -> [UInt8]? {
        var reader = ByteReader(bytes)
        return accepted {
            Array(try reader.lengthPrefixed(limit: FraudExchange.answerLimit, field: "message"))
        }
    }

    private static func corpus(_ target: String) -> String { "Tests/FuzzTests/Corpus/\(target)" }

    private static func inputs(_ folder: String) throws -> [[UInt8]] {
        let url = SpecificationLinksTests.root.appending(path: folder)
        return try FileManager.default.contentsOfDirectory(
            at: url, includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
    }
}
