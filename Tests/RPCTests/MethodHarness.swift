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

/// A server over a chain of real squares, and a client that speaks JSON to it.
struct MethodHarness {
    let chain: FakeChain
    let client: Client
    let withoutGeneric: Client
    let mine: Namespace
    let other: Namespace

    init() throws {
        let chain = try FakeChain()
        let node = ScriptedNode()
        var configuration = RPCConfiguration(
            access: .open, clock: { node.now }, entropy: { Array(repeating: 7, count: $0) })
        let plain = RPCServices(configuration) { chain.answer($0, $1) }
        withoutGeneric = Client(plain)
        configuration.servesGenericModule = true
        let services = RPCServices(configuration) { chain.answer($0, $1) }
        chain.onHead = { [weak services] in services?.publish(head: ChainHeader($0)) }
        self.chain = chain
        client = Client(services)
        mine = try Namespace(userID: Array("rollup-one".utf8))
        other = try Namespace(userID: Array("rollup-two".utf8))
    }

    /// Calls a method and gives its result.
    func result(
        _ method: String, _ parameters: String = "[]", at place: SourceLocation = #_sourceLocation
    ) throws -> JSONNode {
        let (status, body) = client.call(method, parameters)
        let value = try JSONParser.parse(Array(body.utf8), valueLimit: .max)
        #expect(status == 200, "\(body.prefix(300))", sourceLocation: place)
        try #require(value.member("error") == nil, "\(body.prefix(300))", sourceLocation: place)
        return value.member("result") ?? .null
    }

    /// Calls a method that fails and gives the error's text.
    func failure(
        _ method: String, _ parameters: String, code: Int = 1,
        at place: SourceLocation = #_sourceLocation
    ) throws -> String {
        let (_, body) = client.call(method, parameters)
        let error = try JSONParser.parse(Array(body.utf8)).member("error")
        #expect(error?.member("code")?.integer(Int.self) == code, sourceLocation: place)
        return error?.member("message")?.text ?? "no error"
    }

    /// Posts blobs and lets the next block have them; gives its height.
    func submit(_ blobs: [(Namespace, [UInt8])]) throws -> UInt64 {
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

    func commitment(_ namespace: Namespace, _ data: [UInt8]) throws -> String {
        let blob = try Blob(namespace: namespace, data: data, shareVersion: 0, signer: nil)
        return Base64.encode(ShareCommitment(of: blob).bytes.array)
    }

    func data(_ count: Int, _ seed: String) -> [UInt8] {
        DeterministicBytes.make(seed: seed, count: count)
    }

    func base64(_ namespace: Namespace) -> String {
        Base64.encode(namespace.bytes.array)
    }
}
