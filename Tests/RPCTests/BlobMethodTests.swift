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

/// Posting blobs and reading them back, by JSON in and JSON out.
@Suite struct BlobMethodTests {
    private let it: MethodHarness

    init() throws {
        it = try MethodHarness()
    }

    /// What was posted comes back by commitment and by namespace, at the place that it says.
    @Test func blobs() throws {
        let contents = [1, 478, 479, 960, 961, 12_345].map { it.data($0, "blob \($0)") }
        let height = try it.submit(contents.map { (it.mine, $0) } + [(it.other, [1, 2, 3])])
        for content in contents {
            let value = try it.result(
                "blob.Get",
                #"[\#(height),"\#(it.base64(it.mine))","\#(it.commitment(it.mine, content))"]"#)
            #expect(try BlobJSON.decode(value).data == content)
            let index = try #require(value.member("index")?.integer(Int.self))
            let width = it.chain.squares[Int(height) - 1].width
            let share = try #require(
                try it.result("share.GetShare", "[\(height),\(index / width),\(index % width)]")
                    .text)
            let bytes = try Base64.decode(share)
            #expect(bytes[..<29] == it.mine.bytes.array[...])
            #expect(bytes[34...].prefix(content.count) == content.prefix(478))
        }
        let all = try #require(
            try it.result(
                "blob.GetAll", #"[\#(height),["\#(it.base64(it.mine))","\#(it.base64(it.other))"]]"#
            )
            .elements)
        #expect(try all.map { try BlobJSON.decode($0).data } == contents + [[1, 2, 3]])
        let absent = try Namespace(userID: Array("nobody".utf8))
        #expect(try it.result("blob.GetAll", #"[\#(height),["\#(it.base64(absent))"]]"#).isNull)
    }

    /// A blob's proofs hold under the rows' roots and under the data root; `Included` knows its own.
    @Test func blobProofs() throws {
        for size in [100, 5000, 60_000, 200_000] {
            let content = it.data(size, "proof")
            let height = try it.submit([
                (it.mine, [9]), (it.other, it.data(700, "x")), (it.mine, content),
            ])
            let name = #"[\#(height),"\#(it.base64(it.mine))""#
            let commitment = try it.commitment(it.mine, content)
            let proof = try it.result("blob.GetProof", name + #","\#(commitment)"]"#)
            let text = String(decoding: JSONComparison.text(proof), as: UTF8.self)
            #expect(
                try it.result("blob.Included", name + #",\#(text),"\#(commitment)"]"#).boolean
                    == true)
            #expect(
                try it.failure("blob.Included", name + #",[],"\#(commitment)"]"#)
                    == "blob: invalid proof")
            #expect(
                try it.failure("blob.Included", name + #",null,"\#(commitment)"]"#)
                    == "blob: proof cannot be nil")
            let unknown = Base64.encode([UInt8](repeating: 1, count: 32))
            #expect(
                try it.result("blob.Included", name + #",\#(text),"\#(unknown)"]"#).boolean == false
            )
            let roots = it.chain.headers[Int(height) - 1].dataAvailabilityHeader
            let whole = try ProofJSON.commitmentProof(
                try it.result("blob.GetCommitmentProof", name + #","\#(commitment)"]"#))
            let run = try whole.verify(
                commitment: ShareCommitment(Bytes32(decoding: Base64.decode(commitment))),
                dataRoot: roots.dataRoot)
            let blob = try Blob(namespace: it.mine, data: content, shareVersion: 0, signer: nil)
            #expect(run.count == blob.shareCount)
        }
    }

    /// What is not there, not yet there, or no blob at all has celestia-node's words.
    @Test func blobFailures() throws {
        let height = try it.submit([(it.mine, [1])])
        let unknown = Base64.encode([UInt8](repeating: 1, count: 32))
        for method in ["blob.Get", "blob.GetProof", "blob.GetCommitmentProof"] {
            let tail = #","\#(it.base64(it.mine))","\#(unknown)"]"#
            #expect(try it.failure(method, "[\(height)" + tail) == "blob: not found")
            #expect(try it.failure(method, "[0" + tail) == "height is equal to 0")
            #expect(
                try it.failure(method, "[18446744073709551615" + tail)
                    == "header: given height is from the future: networkHeight: \(height), "
                    + "requestedHeight: 18446744073709551615")
            #expect(
                try it.failure(method, "[-1" + tail, code: -32700).hasPrefix("unmarshaling params"))
        }
        let good = #""data":"AQ==","share_version":0"#
        let name = #""namespace":"\#(it.base64(it.mine))""#
        for (blob, code) in [
            (#"{"namespace":"\#(it.base64(.parity))",\#(good)}"#, -32700),
            (#"{"namespace":"\#(it.base64(.tailPadding))",\#(good)}"#, -32700),
            (#"{"namespace":"\#(it.base64(.transactions))",\#(good)}"#, 1),
            (#"{"namespace":"AAAA",\#(good)}"#, -32700),
            (#"{\#(good)}"#, -32700), ("7", -32700), ("null", -32700),
            (#"{\#(name),"data":"","share_version":0}"#, -32700),
            (#"{\#(name),"data":"!!","share_version":0}"#, -32700),
            (#"{\#(name),"data":"AQ==","share_version":7}"#, -32700),
            (#"{\#(name),"data":"AQ==","share_version":1}"#, -32700),
            (#"{\#(name),"data":"AQ==","share_version":1,"signer":"AQ=="}"#, -32700),
        ] {
            let text = try it.failure("blob.Submit", "[[\(blob)],{}]", code: code)
            #expect(text != "no error", "\(blob)")
        }
        #expect(try it.failure("blob.Submit", "[[],{}]") == "state: no blobs provided")
    }

    /// The retired module names blobs by height and commitment, and validates proofs one by one.
    @Test func generic() throws {
        let contents = [[1, 2, 3], it.data(5000, "generic")]
        let list = contents.map { "\"\(Base64.encode($0))\"" }.joined(separator: ",")
        let name = it.base64(it.mine)
        let commitments = try contents.map { try it.commitment(it.mine, $0) }
        #expect(
            try it.result("da.Commit", #"[[\#(list)],"\#(name)"]"#).elements?.map { $0.text }
                == commitments)
        let options = Base64.encode(Array(#"{"key_name":"k"}"#.utf8))
        for (method, tail) in [("da.Submit", ""), ("da.SubmitWithOptions", #","\#(options)""#)] {
            let call =
                #"{"id":1,"method":"\#(method)","params":[[\#(list)],0.01,"\#(name)"\#(tail)]}"#
            #expect(it.client.post(call) == "")
            try it.chain.produce()
            let answer = try JSONParser.parse(
                Array(Client.parts(it.client.transport.text()).1.utf8))
            let ids = try #require(answer.member("result")?.elements).compactMap { $0.text }
            for (id, commitment) in zip(ids, commitments) {
                let bytes = try Base64.decode(id)
                #expect(bytes.first == UInt8(it.chain.height) && bytes.count == 40)
                #expect(Base64.encode(bytes[8...]) == commitment)
            }
            let names = ids.map { "\"\($0)\"" }.joined(separator: ",")
            let back = try #require(try it.result("da.Get", #"[[\#(names)],"\#(name)"]"#).elements)
            #expect(try back.map { try Base64.decode($0.text ?? "") } == contents)
            let known = try it.result("da.GetIDs", #"[\#(it.chain.height),"\#(name)"]"#)
            #expect(known.member("IDs")?.elements?.compactMap(\.text) == ids)
            #expect(
                known.member("Timestamp")?.text
                    == it.chain.headers[Int(it.chain.height) - 1].time.description)
            let shown = try it.result("da.GetProofs", #"[[\#(names)],"\#(name)"]"#).elements
            let proofs = try #require(shown).compactMap { $0.text }
            let right = proofs.map { "\"\($0)\"" }.joined(separator: ",")
            #expect(
                try it.result("da.Validate", #"[[\#(names)],[\#(right)],"\#(name)"]"#).elements?
                    .map(\.boolean) == [true, true])
            let junk = #""\#(proofs[0])","bm8=""#
            #expect(
                try it.result("da.Validate", #"[[\#(names)],[\#(junk)],"\#(name)"]"#).elements?
                    .map(\.boolean) == [true, false])
        }
        #expect(try it.result("da.GetIDs", #"[1,"\#(name)"]"#).isNull)
        #expect(
            try it.failure("da.Get", #"[["AQID"],"\#(name)"]"#, code: -32700).contains("invalid id")
        )
    }
}
