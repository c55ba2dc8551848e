// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import RPC
internal import Roles

extension FuzzTarget {
    /// What a stranger can send to the RPC port: HTTP, WebSocket frames, JSON, and values in it.
    static let rpc: [FuzzTarget] = [
        FuzzTarget("rpc-json") { input in
            do throws(DecodeFault) {
                let value = try JSONParser.parse(input)
                _ = (value.text, value.integer(Int.self), value.member("id"))
            } catch {
                precondition(error.offset <= input.count, "a fault behind the input")
            }
        },
        FuzzTarget("rpc-http") { input in
            // However the bytes are cut, the answers are the same.
            let whole = answers(to: [input[...]])
            let half = input.count / 2
            precondition(whole == answers(to: [input[..<half], input[half...]]), "cut in two")
            if input.count < 400 {
                precondition(
                    whole == answers(to: input.indices.map { input[$0...$0] }), "cut in bytes")
            }
        },
        FuzzTarget("rpc-websocket") { input in
            _ = answers(to: [handshake[...], input[...]])
        },
        FuzzTarget("rpc-call") { input in
            let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(input.count)\r\n\r\n"
            let answer = answers(to: [(Array(head.utf8) + input)[...]])
            precondition(answer.starts(with: "HTTP/1.1 ".utf8), "a call without an answer")
        },
        FuzzTarget("rpc-header") { input in
            guard let header = FuzzTarget.header(input) else { return }
            let text = JSONWriter.text { HeaderJSON.write(header, to: &$0) }
            precondition(FuzzTarget.header(text) == header, "another header")
        },
        FuzzTarget("blob-proof") { input in
            guard let proof = document(input, BlobProofJSON.decode) else { return }
            let text = JSONWriter.text { BlobProofJSON.write(proof, to: &$0) }
            precondition(document(text, BlobProofJSON.decode) == proof, "another proof")
            do throws(BlobProofFault) {
                try proof.verify(trusting: proof.block.header.hash, now: proof.block.header.time)
            } catch {
                precondition(!error.description.isEmpty, "a fault without words")
            }
        },
        FuzzTarget("sampling-receipt") { input in
            guard let receipt = document(input, SamplingReceiptJSON.decode) else { return }
            let text = JSONWriter.text { SamplingReceiptJSON.write(receipt, to: &$0) }
            precondition(document(text, SamplingReceiptJSON.decode) == receipt, "another receipt")
            do throws(SamplingReceiptFault) {
                try receipt.verify(trusting: nil)
            } catch {
                precondition(!error.description.isEmpty, "a fault without words")
            }
        },
    ]

    private static let handshake = Array(
        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .utf8)

    private static func document<Value>(
        _ text: [UInt8], _ decode: (JSONNode) throws(ParameterFault) -> Value
    ) -> Value? {
        do {
            return try decode(try JSONParser.parse(text))
        } catch {
            return nil
        }
    }

    private static func header(_ text: [UInt8]) -> ExtendedHeader? {
        do {
            return try HeaderJSON.decode(try JSONParser.parse(text))
        } catch {
            return nil
        }
    }

    /// What a server whose node knows nothing answers to pieces of one connection's bytes.
    private static func answers(to pieces: [ArraySlice<UInt8>]) -> [UInt8] {
        let configuration = RPCConfiguration(
            access: .open, clock: { .zero }, entropy: { [UInt8](repeating: 7, count: $0) })
        let services = RPCServices(configuration) { _, answer in
            answer(.failure(.dataNotAvailable))
        }
        let transport = FuzzTransport()
        let connection = RPCConnection(services, transport: transport)
        for piece in pieces { piece.withUnsafeBytes { connection.receive($0) } }
        connection.tick()
        services.tick()
        connection.closed()
        precondition(services.isIdle, "something is still counted")
        return transport.sent
    }
}

/// A socket that takes everything.
private final class FuzzTransport: RPCTransport {
    var sent: [UInt8] = []
    let isWritable = true

    func write(_ bytes: UnsafeRawBufferPointer) { sent += bytes }
    func closeAfterWrites() {}
    func close() {}
    func pauseReading() {}
    func resumeReading() {}
}
