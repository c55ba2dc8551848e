// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CCrypto

/// The opening handshake of a WebSocket (RFC 6455 §4.2).
enum WebSocketHandshake {
    /// The answer that opens the socket, or the reason why it stays closed.
    static func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard request.header("sec-websocket-version") == "13" else {
            var response = HTTPResponse(status: 426, text: "unsupported WebSocket version")
            response.headers.append(("Sec-WebSocket-Version", "13"))
            return response
        }
        guard let key = request.header("sec-websocket-key"), isKey(key) else {
            return HTTPResponse(status: 400, text: "a WebSocket key of 16 bytes is missing")
        }
        var response = HTTPResponse(status: 101)
        response.headers = [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", accept(key)),
        ]
        return response
    }

    private static func isKey(_ text: String) -> Bool {
        do throws(DecodeFault) {
            return try Base64.decode(text).count == 16
        } catch {
            return false
        }
    }

    /// What proves that the key was understood: SHA-1 as the RFC fixed it, no secret about it.
    static func accept(_ key: String) -> String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        EVP_Digest(text, text.count, &digest, nil, EVP_sha1(), nil)
        return Base64.encode(digest)
    }
}
