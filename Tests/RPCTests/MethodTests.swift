// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Foundation
import RPC
import Roles
import TestSupport
import Testing

/// Headers, squares and the small modules, by JSON in and JSON out.
@Suite struct MethodTests {
    private let it: MethodHarness

    init() throws {
        it = try MethodHarness()
    }

    /// Headers come by height, hash and range, and each verifies.
    @Test func headers() throws {
        for _ in 0..<5 { try it.chain.produce() }
        let head = try HeaderJSON.decode(try it.result("header.LocalHead"))
        try head.validate()
        #expect(head == it.chain.headers[5])
        #expect(try HeaderJSON.decode(try it.result("header.NetworkHead")) == head)
        #expect(try HeaderJSON.decode(try it.result("header.Tail")) == it.chain.headers[0])
        #expect(
            try HeaderJSON.decode(try it.result("header.GetByHeight", "[3]")) == it.chain.headers[2]
        )
        let hash = Hex.encode(it.chain.headers[3].hash.array, uppercase: true)
        #expect(
            try HeaderJSON.decode(try it.result("header.GetByHash", #"["\#(hash)"]"#))
                == it.chain.headers[3])
        #expect(
            try it.failure("header.GetByHash", #"["\#(String(repeating: "AB", count: 32))"]"#)
                .contains("header: not found"))
        let from = String(
            decoding: JSONWriter.text { HeaderJSON.write(it.chain.headers[0], to: &$0) },
            as: UTF8.self)
        let range = try #require(
            try it.result("header.GetRangeByHeight", "[\(from),5]").elements)
        #expect(try range.map { try HeaderJSON.decode($0).height.value } == [2, 3, 4])
        for to in [0, 1] {
            #expect(
                try it.failure("header.GetRangeByHeight", "[\(from),\(to)]").contains(
                    "`from` must be less than `to`"))
        }
        #expect(try it.failure("header.GetRangeByHeight", "[\(from),2]").contains("empty"))
        #expect(try it.failure("header.GetRangeByHeight", "[\(from),600]").contains("over 512"))
        #expect(try it.failure("header.GetByHeight", "[0]") == "height is equal to 0")
        #expect(
            try it.failure("header.WaitForHeight", "[0]")
                == "header/store: height must be bigger than zero")
    }

    /// A wait for a height ends with its block, and does not outlive its it.client.
    @Test func waiting() throws {
        let call = #"{"id":1,"method":"header.WaitForHeight","params":[3]}"#
        #expect(it.client.post(call) == "")
        try it.chain.produce()
        #expect(it.client.transport.sent.isEmpty)
        try it.chain.produce()
        #expect(Client.parts(it.client.transport.text()).1.contains(#""height":"3""#))
        #expect(it.client.post(call.replacing("3", with: "9")) == "")
        it.client.connection.closed()
        for _ in 0..<8 { try it.chain.produce() }
        #expect(it.client.transport.sent.isEmpty)
    }

    /// The very next height is waited for, also by methods that need its header; later ones are not.
    @Test func nextHeight() throws {
        let name = it.base64(it.mine)
        for call in [
            #"{"id":1,"method":"header.GetByHeight","params":[<H>]}"#,
            #"{"id":1,"method":"blob.GetAll","params":[<H>,["\#(name)"]]}"#,
            #"{"id":1,"method":"share.GetRow","params":[<H>,0]}"#,
        ] {
            let body = call.replacing("<H>", with: "\(it.chain.height + 1)")
            #expect(it.client.post(body) == "")
            try it.chain.produce()
            #expect(Client.parts(it.client.transport.text()).1.contains("\"result\""))
        }
        #expect(
            try it.failure("header.GetByHeight", "[\(it.chain.height + 2)]")
                .contains("given height is from the future"))
    }

    /// Squares, rows, samples, namespaces and ranges verify against the header.
    @Test func shares() throws {
        let content = it.data(7000, "shares")
        let height = try it.submit([(it.mine, content), (it.other, it.data(1500, "y"))])
        let header = it.chain.headers[Int(height) - 1]
        let roots = header.dataAvailabilityHeader
        let square = it.chain.squares[Int(height) - 1]
        let cells = try #require(try it.result("share.GetEDS", "[\(height)]").member("data_square"))
        #expect(
            try #require(cells.elements).flatMap { try Base64.decode($0.text ?? "") }
                == square.bytes)
        for row in [0, square.width / 2, square.width - 1] {
            let value = try it.result("share.GetRow", "[\(height),\(row)]")
            #expect(value.member("side")?.text == "LEFT")
            let half = try #require(value.member("shares")?.elements)
            #expect(
                try half.flatMap { try Base64.decode($0.text ?? "") }
                    == Array(square.axisBytes(.row, row).prefix(square.originalWidth * 512)))
        }
        let places = (0..<square.width).map { Coordinate(row: $0, column: (7 * $0) % square.width) }
        let list = places.map { #"{"row":\#($0.row),"col":\#($0.column)}"# }.joined(separator: ",")
        let samples = try #require(
            try it.result("share.GetSamples", "[\(height),[\(list)]]").elements)
        for (place, sample) in zip(places, samples) {
            let unverified = UnverifiedSample(
                share: try Share(decoding: Base64.decode(sample.member("share")?.text ?? "")),
                proof: try ProofJSON.namespaceProof(try #require(sample.member("proof"))),
                axis: sample.member("proof_type")?.integer(Int.self) == 0 ? .row : .column)
            _ = try unverified.verify(at: place, against: roots)
        }
        let rows = try #require(
            try it.result("share.GetNamespaceData", #"[\#(height),"\#(it.base64(it.mine))"]"#)
                .elements)
        let unverified = UnverifiedNamespaceData(
            rows: try rows.map { row in
                UnverifiedRowNamespaceData(
                    shares: try (row.member("shares")?.elements ?? []).map {
                        try Share(decoding: Base64.decode($0.text ?? ""))
                    }, proof: try ProofJSON.namespaceProof(try #require(row.member("proof"))))
            })
        let verified = try unverified.verify(namespace: it.mine, against: roots)
        #expect(try ShareParser.blobs(in: verified.shares).map(\.blob.data) == [content])
        #expect(try it.result("share.SharesAvailable", "[\(height)]").isNull)
        #expect(try it.failure("share.GetShare", "[\(height),\(square.width),0]") != "no error")
        #expect(try it.failure("share.GetShare", "[\(height),0,-1]") != "no error")
        #expect(try it.failure("share.GetRow", "[\(height),\(square.width)]") != "no error")
    }

    /// A range has the form and the proof that celestia-node gives.
    @Test func ranges() throws {
        let content = it.data(7000, "range")
        let height = try it.submit([(it.mine, content)])
        let value = try it.result(
            "blob.Get",
            #"[\#(height),"\#(it.base64(it.mine))","\#(it.commitment(it.mine, content))"]"#)
        let index = try #require(value.member("index")?.integer(Int.self))
        let width = it.chain.squares[Int(height) - 1].width
        let start = index / width * (width / 2) + index % width
        let range = try it.result("share.GetRange", "[\(height),\(start),\(start + 15)]")
        #expect(range.member("Shares")?.elements?.count == 15)
        let proof = try #require(range.member("Proof"))
        let rows = try #require(proof.member("row_proof"))
        let roots = it.chain.headers[Int(height) - 1].dataAvailabilityHeader
        let first = try #require(rows.member("start_row")?.integer(Int.self))
        let shown = try #require(rows.member("row_roots")?.elements?.map { $0.text ?? "" })
        #expect(
            shown
                == roots.rowRoots[first..<first + shown.count].map {
                    Hex.encode($0.bytes.array, uppercase: true)
                })
        #expect(rows.member("proofs")?.elements?.first?.member("total")?.text == "\(2 * width)")
        #expect(
            try it.failure("share.GetRange", "[\(height),3,3]") == "share: invalid range [3, 3)")
        #expect(
            try it.failure("share.GetRange", "[\(height),-1,3]") == "share: invalid range [-1, 3)")
        #expect(
            try it.failure("share.GetRange", "[\(height),0,\(start + 1)]").contains("namespace"))
    }

    /// The tuples' root and its proofs are those of the tree that bridges know.
    @Test func blobstream() throws {
        for _ in 0..<6 { try it.chain.produce() }
        let leaves = (2...6).map { height -> [UInt8] in
            var leaf = [UInt8](repeating: 0, count: 24)
            leaf.append(bigEndian: UInt64(height))
            return leaf + it.chain.headers[height - 1].dataAvailabilityHeader.dataRoot.array
        }
        let root = MerkleTree.root(leaves)
        #expect(
            try it.result("blobstream.GetDataRootTupleRoot", "[2,7]").text
                == Hex.encode(root.array, uppercase: true))
        for height in 2...6 {
            let value = try it.result(
                "blobstream.GetDataRootTupleInclusionProof", "[\(height),2,7]")
            let proof = MerkleProof(
                total: try #require(value.member("total")?.integer(Int.self)),
                index: try #require(value.member("index")?.integer(Int.self)),
                leafHash: try Bytes32(
                    decoding: Base64.decode(value.member("leaf_hash")?.text ?? "")),
                aunts: try (value.member("aunts")?.elements ?? []).map {
                    try Bytes32(decoding: Base64.decode($0.text ?? ""))
                })
            #expect(proof.verify(root: root, leaf: leaves[height - 2]))
        }
        for range in ["[0,3]", "[3,3]", "[4,2]", "[1,20000]", "[5,9]"] {
            #expect(try it.failure("blobstream.GetDataRootTupleRoot", range) != "no error")
        }
        #expect(
            try it.failure("blobstream.GetDataRootTupleInclusionProof", "[7,2,7]") != "no error")
    }

    /// The small modules answer in their shapes.
    @Test func shapes() throws {
        it.chain.workers = [.init(job: .recent, current: 1, from: 1, to: 1)]
        it.chain.failures = [.init(height: 3, attempts: 2)]
        let expected: [(String, String, String)] = [
            (
                "das.SamplingStats", "[]",
                #"{"head_of_sampled_chain":1,"head_of_catchup":0,"network_head_height":1,"#
                    + #""failed":{"3":2},"workers":[{"job_type":"recent","current":1,"from":1,"#
                    + #""to":1}],"concurrency":0,"catch_up_done":true,"is_running":false}"#
            ),
            (
                "fraud.Get", #"["badencodingv0.1"]"#,
                #"[{"proof_type":"badencodingv0.1","data":"AQID"}]"#
            ),
            ("das.WaitCatchUp", "[]", "null"), ("header.SyncWait", "[]", "null"),
            ("state.Balance", "[]", #"{"denom":"utia","amount":"77"}"#),
            ("state.BalanceForAddress", #"["celestia1x"]"#, #"{"denom":"utia","amount":"77"}"#),
            ("node.Info", "[]", #"{"type":"Bridge","api_version":"v0.31.4"}"#),
            ("node.Ready", "[]", "true"), ("p2p.Network", "[]", #""fake-1""#),
            ("p2p.Info", "[]", #"{"ID":"12D3KooW","Addrs":["/ip4/1.2.3.4/tcp/1"]}"#),
            ("p2p.Peers", "[]", #"["12D3KooX"]"#), ("p2p.NATStatus", "[]", "1"),
            ("p2p.Connectedness", #"["x"]"#, "1"), ("p2p.Ping", #"["x"]"#, "1500000"),
            ("p2p.Connect", #"[{"ID":"x","Addrs":[]}]"#, "null"),
            ("p2p.Unprotect", #"["x","t"]"#, "false"),
            ("p2p.BandwidthStats", "[]", #"{"TotalIn":0,"TotalOut":0,"RateIn":0,"RateOut":0}"#),
            ("p2p.BlockSubnet", #"["192.0.2.0/24"]"#, "null"),
            ("p2p.UnblockSubnet", #"["192.0.2.0/24"]"#, "null"),
            ("p2p.ListBlockedSubnets", "[]", #"["192.0.2.0/24"]"#),
            (
                "p2p.PeerTable", "[]",
                #"[{"id":"12D3KooX","address":"/ip4/1.2.3.4/tcp/1","agent":"a","direction":"in","#
                    + #""protocols":7,"streams":2,"score":-3,"protected":true}]"#
            ),
            (
                "p2p.Statistics", "[]",
                #"{"connections_in":0,"connections_out":0,"streams_in":0,"streams_out":0,"#
                    + #""memory_bytes":0,"memory_limit_bytes":9,"bytes_in":0,"bytes_out":0,"#
                    + #""known_peers":4,"table_servers":3,"provider_records":2,"#
                    + #""blocked_peers":1,"blocked_networks":5}"#
            ),
        ]
        for (method, parameters, text) in expected {
            let value = try it.result(method, parameters)
            #expect(
                String(decoding: JSONComparison.text(value), as: UTF8.self) == text, "\(method)")
        }
        #expect(try it.failure("state.Delegate", #"["a","1",null]"#).contains("no ledger"))
        #expect(try it.failure("state.GrantFee", #"["a","1",null]"#).contains("no fee grants"))
        #expect(it.withoutGeneric.call("da.MaxBlobSize").1.contains("-32601"))
    }

    /// The API's description has every method once, with its level and its parameters.
    @Test func description() throws {
        let page = it.client.send("GET /openrpc.json HTTP/1.1\r\nHost: a\r\n\r\n")
        let document = try JSONParser.parse(Array(Client.parts(page).1.utf8))
        let methods = try #require(document.member("methods")?.elements)
        let names = methods.compactMap { $0.member("name")?.text }
        #expect(names.count == 103)
        #expect(names == names.sorted() && Set(names).count == names.count)
        let get = try #require(methods.first { $0.member("name")?.text == "blob.Get" })
        #expect(get.member("description")?.text == "Auth level: read")
        #expect(
            get.member("params")?.elements?.map { $0.member("summary")?.text }
                == ["uint64", "share.Namespace", "blob.Commitment"])
    }
}
