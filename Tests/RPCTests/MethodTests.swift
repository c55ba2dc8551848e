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

/// Every module over a chain of real squares, by JSON in and JSON out.
@Suite struct MethodTests {
    private let chain: FakeChain
    private let client: Client
    private let mine: Namespace
    private let other: Namespace

    init() throws {
        let chain = try FakeChain()
        let node = ScriptedNode()
        let configuration = RPCConfiguration(
            access: .open, clock: { node.now }, entropy: { Array(repeating: 7, count: $0) })
        let services = RPCServices(configuration) { chain.answer($0, $1) }
        chain.onHead = { services.publish(head: $0) }
        self.chain = chain
        client = Client(services)
        mine = try Namespace(userID: Array("rollup-one".utf8))
        other = try Namespace(userID: Array("rollup-two".utf8))
    }

    /// Calls a method and gives its result.
    private func result(
        _ method: String, _ parameters: String = "[]", at place: SourceLocation = #_sourceLocation
    ) throws -> JSONNode {
        let (status, body) = client.call(method, parameters)
        let value = try JSONParser.parse(Array(body.utf8), valueLimit: .max)
        #expect(status == 200, "\(body.prefix(300))", sourceLocation: place)
        try #require(value.member("error") == nil, "\(body.prefix(300))", sourceLocation: place)
        return value.member("result") ?? .null
    }

    /// Calls a method that fails and gives the error's text.
    private func failure(
        _ method: String, _ parameters: String, code: Int = 1,
        at place: SourceLocation = #_sourceLocation
    ) throws -> String {
        let (_, body) = client.call(method, parameters)
        let error = try JSONParser.parse(Array(body.utf8)).member("error")
        #expect(error?.member("code")?.integer(Int.self) == code, sourceLocation: place)
        return error?.member("message")?.text ?? "no error"
    }

    /// Posts blobs and lets the next block have them; gives its height.
    private func submit(_ blobs: [(Namespace, [UInt8])]) throws -> UInt64 {
        let body = JSONWriter.text { writer in
            writer.array { writer in
                writer.array(blobs) { writer, blob in
                    writer.object { writer in
                        writer.member("namespace", base64: blob.0.bytes.array)
                        writer.member("data", base64: blob.1)
                        writer.member("share_version", 0)
                        writer.member("commitment", base64: [])
                        writer.member("index", -1)
                    }
                }
                writer.object { _ in }
            }
        }
        let call =
            #"{"id":1,"method":"blob.Submit","params":\#(String(decoding: body, as: UTF8.self))}"#
        #expect(client.post(call) == "")
        try chain.produce()
        let answer = Client.parts(client.transport.text()).1
        let value = try JSONParser.parse(Array(answer.utf8))
        return try #require(value.member("result")?.integer(UInt64.self), "\(answer)")
    }

    private func commitment(_ namespace: Namespace, _ data: [UInt8]) throws -> String {
        let blob = try Blob(namespace: namespace, data: data, shareVersion: 0, signer: nil)
        return Base64.encode(ShareCommitment(of: blob).bytes.array)
    }

    private func data(_ count: Int, _ seed: String) -> [UInt8] {
        DeterministicBytes.make(seed: seed, count: count)
    }

    private func base64(_ namespace: Namespace) -> String {
        Base64.encode(namespace.bytes.array)
    }

    /// What was posted comes back by commitment and by namespace, at the place that it says.
    @Test func blobs() throws {
        let contents = [1, 478, 479, 960, 961, 12_345].map { data($0, "blob \($0)") }
        let height = try submit(contents.map { (mine, $0) } + [(other, [1, 2, 3])])
        for content in contents {
            let value = try result(
                "blob.Get", #"[\#(height),"\#(base64(mine))","\#(commitment(mine, content))"]"#)
            #expect(try BlobJSON.decode(value).data == content)
            let index = try #require(value.member("index")?.integer(Int.self))
            let width = chain.squares[Int(height) - 1].width
            let share = try #require(
                try result("share.GetShare", "[\(height),\(index / width),\(index % width)]").text)
            let bytes = try Base64.decode(share)
            #expect(bytes[..<29] == mine.bytes.array[...])
            #expect(bytes[34...].prefix(content.count) == content.prefix(478))
        }
        let all = try #require(
            try result("blob.GetAll", #"[\#(height),["\#(base64(mine))","\#(base64(other))"]]"#)
                .elements)
        #expect(try all.map { try BlobJSON.decode($0).data } == contents + [[1, 2, 3]])
        let absent = try Namespace(userID: Array("nobody".utf8))
        #expect(try result("blob.GetAll", #"[\#(height),["\#(base64(absent))"]]"#).isNull)
    }

    /// A blob's proofs hold under the rows' roots and under the data root; `Included` knows its own.
    @Test func blobProofs() throws {
        for size in [100, 5000, 60_000, 200_000] {
            let content = data(size, "proof")
            let height = try submit([(mine, [9]), (other, data(700, "x")), (mine, content)])
            let name = #"[\#(height),"\#(base64(mine))""#
            let commitment = try commitment(mine, content)
            let proof = try result("blob.GetProof", name + #","\#(commitment)"]"#)
            let text = String(decoding: JSONComparison.text(proof), as: UTF8.self)
            #expect(
                try result("blob.Included", name + #",\#(text),"\#(commitment)"]"#).boolean == true)
            #expect(
                try failure("blob.Included", name + #",[],"\#(commitment)"]"#)
                    == "blob: invalid proof")
            #expect(
                try failure("blob.Included", name + #",null,"\#(commitment)"]"#)
                    == "blob: proof cannot be nil")
            let unknown = Base64.encode([UInt8](repeating: 1, count: 32))
            #expect(
                try result("blob.Included", name + #",\#(text),"\#(unknown)"]"#).boolean == false)
            let roots = chain.headers[Int(height) - 1].dataAvailabilityHeader
            let whole = try ProofJSON.commitmentProof(
                try result("blob.GetCommitmentProof", name + #","\#(commitment)"]"#))
            let run = try whole.verify(
                commitment: ShareCommitment(Bytes32(decoding: Base64.decode(commitment))),
                dataRoot: roots.dataRoot)
            let blob = try Blob(namespace: mine, data: content, shareVersion: 0, signer: nil)
            #expect(run.count == blob.shareCount)
        }
    }

    /// What is not there, not yet there, or no blob at all has celestia-node's words.
    @Test func blobFailures() throws {
        let height = try submit([(mine, [1])])
        let unknown = Base64.encode([UInt8](repeating: 1, count: 32))
        for method in ["blob.Get", "blob.GetProof", "blob.GetCommitmentProof"] {
            let tail = #","\#(base64(mine))","\#(unknown)"]"#
            #expect(try failure(method, "[\(height)" + tail) == "blob: not found")
            #expect(try failure(method, "[0" + tail) == "height is equal to 0")
            #expect(
                try failure(method, "[18446744073709551615" + tail)
                    == "header: given height is from the future: networkHeight: \(height), "
                    + "requestedHeight: 18446744073709551615")
            #expect(
                try failure(method, "[-1" + tail, code: -32700).hasPrefix("unmarshaling params"))
        }
        let good = #""data":"AQ==","share_version":0"#
        let name = #""namespace":"\#(base64(mine))""#
        for (blob, code) in [
            (#"{"namespace":"\#(base64(.parity))",\#(good)}"#, -32700),
            (#"{"namespace":"\#(base64(.tailPadding))",\#(good)}"#, -32700),
            (#"{"namespace":"\#(base64(.transactions))",\#(good)}"#, 1),
            (#"{"namespace":"AAAA",\#(good)}"#, -32700),
            (#"{\#(good)}"#, -32700), ("7", -32700), ("null", -32700),
            (#"{\#(name),"data":"","share_version":0}"#, -32700),
            (#"{\#(name),"data":"!!","share_version":0}"#, -32700),
            (#"{\#(name),"data":"AQ==","share_version":7}"#, -32700),
            (#"{\#(name),"data":"AQ==","share_version":1}"#, -32700),
            (#"{\#(name),"data":"AQ==","share_version":1,"signer":"AQ=="}"#, -32700),
        ] {
            let text = try failure("blob.Submit", "[[\(blob)],{}]", code: code)
            #expect(text != "no error", "\(blob)")
        }
        #expect(try failure("blob.Submit", "[[],{}]") == "state: no blobs provided")
    }

    /// Headers come by height, hash and range, and each verifies.
    @Test func headers() throws {
        for _ in 0..<5 { try chain.produce() }
        let head = try HeaderJSON.decode(try result("header.LocalHead"))
        try head.validate()
        #expect(head == chain.headers[5])
        #expect(try HeaderJSON.decode(try result("header.NetworkHead")) == head)
        #expect(try HeaderJSON.decode(try result("header.Tail")) == chain.headers[0])
        #expect(try HeaderJSON.decode(try result("header.GetByHeight", "[3]")) == chain.headers[2])
        let hash = Hex.encode(chain.headers[3].hash.array, uppercase: true)
        #expect(
            try HeaderJSON.decode(try result("header.GetByHash", #"["\#(hash)"]"#))
                == chain.headers[3])
        #expect(
            try failure("header.GetByHash", #"["\#(String(repeating: "AB", count: 32))"]"#)
                .contains("header: not found"))
        let from = String(
            decoding: JSONWriter.text { HeaderJSON.write(chain.headers[0], to: &$0) },
            as: UTF8.self)
        let range = try #require(
            try result("header.GetRangeByHeight", "[\(from),5]").elements)
        #expect(try range.map { try HeaderJSON.decode($0).height.value } == [2, 3, 4])
        for to in [0, 1] {
            #expect(
                try failure("header.GetRangeByHeight", "[\(from),\(to)]").contains(
                    "`from` must be less than `to`"))
        }
        #expect(try failure("header.GetRangeByHeight", "[\(from),2]").contains("empty"))
        #expect(try failure("header.GetRangeByHeight", "[\(from),600]").contains("over 512"))
        #expect(try failure("header.GetByHeight", "[0]") == "height is equal to 0")
        #expect(
            try failure("header.WaitForHeight", "[0]")
                == "header/store: height must be bigger than zero")
    }

    /// A wait for a height ends with its block, and does not outlive its client.
    @Test func waiting() throws {
        let call = #"{"id":1,"method":"header.WaitForHeight","params":[3]}"#
        #expect(client.post(call) == "")
        try chain.produce()
        #expect(client.transport.sent.isEmpty)
        try chain.produce()
        #expect(Client.parts(client.transport.text()).1.contains(#""height":"3""#))
        #expect(client.post(call.replacing("3", with: "9")) == "")
        client.connection.closed()
        for _ in 0..<8 { try chain.produce() }
        #expect(client.transport.sent.isEmpty)
    }

    /// Squares, rows, samples, namespaces and ranges verify against the header.
    @Test func shares() throws {
        let content = data(7000, "shares")
        let height = try submit([(mine, content), (other, data(1500, "y"))])
        let header = chain.headers[Int(height) - 1]
        let roots = header.dataAvailabilityHeader
        let square = chain.squares[Int(height) - 1]
        let cells = try #require(try result("share.GetEDS", "[\(height)]").member("data_square"))
        #expect(
            try #require(cells.elements).flatMap { try Base64.decode($0.text ?? "") }
                == square.bytes)
        for row in [0, square.width / 2, square.width - 1] {
            let value = try result("share.GetRow", "[\(height),\(row)]")
            #expect(value.member("side")?.text == "LEFT")
            let half = try #require(value.member("shares")?.elements)
            #expect(
                try half.flatMap { try Base64.decode($0.text ?? "") }
                    == Array(square.axisBytes(.row, row).prefix(square.originalWidth * 512)))
        }
        let places = (0..<square.width).map { Coordinate(row: $0, column: (7 * $0) % square.width) }
        let list = places.map { #"{"row":\#($0.row),"col":\#($0.column)}"# }.joined(separator: ",")
        let samples = try #require(
            try result("share.GetSamples", "[\(height),[\(list)]]").elements)
        for (place, sample) in zip(places, samples) {
            let unverified = UnverifiedSample(
                share: try Share(decoding: Base64.decode(sample.member("share")?.text ?? "")),
                proof: try ProofJSON.namespaceProof(try #require(sample.member("proof"))),
                axis: sample.member("proof_type")?.integer(Int.self) == 0 ? .row : .column)
            _ = try unverified.verify(at: place, against: roots)
        }
        let rows = try #require(
            try result("share.GetNamespaceData", #"[\#(height),"\#(base64(mine))"]"#).elements)
        let unverified = UnverifiedNamespaceData(
            rows: try rows.map { row in
                UnverifiedRowNamespaceData(
                    shares: try (row.member("shares")?.elements ?? []).map {
                        try Share(decoding: Base64.decode($0.text ?? ""))
                    }, proof: try ProofJSON.namespaceProof(try #require(row.member("proof"))))
            })
        let verified = try unverified.verify(namespace: mine, against: roots)
        #expect(try ShareParser.blobs(in: verified.shares).map(\.blob.data) == [content])
        #expect(try result("share.SharesAvailable", "[\(height)]").isNull)
        #expect(try failure("share.GetShare", "[\(height),\(square.width),0]") != "no error")
        #expect(try failure("share.GetShare", "[\(height),0,-1]") != "no error")
        #expect(try failure("share.GetRow", "[\(height),\(square.width)]") != "no error")
    }

    /// A range has the form and the proof that celestia-node gives.
    @Test func ranges() throws {
        let content = data(7000, "range")
        let height = try submit([(mine, content)])
        let value = try result(
            "blob.Get", #"[\#(height),"\#(base64(mine))","\#(commitment(mine, content))"]"#)
        let index = try #require(value.member("index")?.integer(Int.self))
        let width = chain.squares[Int(height) - 1].width
        let start = index / width * (width / 2) + index % width
        let range = try result("share.GetRange", "[\(height),\(start),\(start + 15)]")
        #expect(range.member("Shares")?.elements?.count == 15)
        let proof = try #require(range.member("Proof"))
        let rows = try #require(proof.member("row_proof"))
        let roots = chain.headers[Int(height) - 1].dataAvailabilityHeader
        let first = try #require(rows.member("start_row")?.integer(Int.self))
        let shown = try #require(rows.member("row_roots")?.elements?.map { $0.text ?? "" })
        #expect(
            shown
                == roots.rowRoots[first..<first + shown.count].map {
                    Hex.encode($0.bytes.array, uppercase: true)
                })
        #expect(rows.member("proofs")?.elements?.first?.member("total")?.text == "\(2 * width)")
        #expect(
            try failure("share.GetRange", "[\(height),3,3]") == "share: invalid range [3, 3)")
        #expect(
            try failure("share.GetRange", "[\(height),-1,3]") == "share: invalid range [-1, 3)")
        #expect(try failure("share.GetRange", "[\(height),0,\(start + 1)]").contains("namespace"))
    }

    /// The tuples' root and its proofs are those of the tree that bridges know.
    @Test func blobstream() throws {
        for _ in 0..<6 { try chain.produce() }
        let leaves = (2...6).map { height -> [UInt8] in
            var leaf = [UInt8](repeating: 0, count: 24)
            leaf.append(bigEndian: UInt64(height))
            return leaf + chain.headers[height - 1].dataAvailabilityHeader.dataRoot.array
        }
        let root = MerkleTree.root(leaves)
        #expect(
            try result("blobstream.GetDataRootTupleRoot", "[2,7]").text
                == Hex.encode(root.array, uppercase: true))
        for height in 2...6 {
            let value = try result(
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
            #expect(try failure("blobstream.GetDataRootTupleRoot", range) != "no error")
        }
        #expect(
            try failure("blobstream.GetDataRootTupleInclusionProof", "[7,2,7]") != "no error")
    }

    /// The small modules answer in their shapes.
    @Test func shapes() throws {
        chain.workers = [.init(job: .recent, current: 1, from: 1, to: 1)]
        chain.failures = [.init(height: 3, attempts: 2)]
        let expected: [(String, String, String)] = [
            (
                "das.SamplingStats", "[]",
                #"{"head_of_sampled_chain":1,"head_of_catchup":0,"network_head_height":1,"#
                    + #""failed":{"3":2},"workers":[{"job_type":"recent","current":1,"from":1,"#
                    + #""to":1}],"concurrency":0,"catch_up_done":true,"is_running":false}"#
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
        ]
        for (method, parameters, text) in expected {
            let value = try result(method, parameters)
            #expect(
                String(decoding: JSONComparison.text(value), as: UTF8.self) == text, "\(method)")
        }
        #expect(try failure("state.Delegate", #"["a","1",null]"#).contains("staking"))
        #expect(try failure("da.MaxBlobSize", "[]", code: -32601).contains("not found"))
    }
}
