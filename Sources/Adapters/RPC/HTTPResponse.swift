// SPDX-License-Identifier: Apache-2.0

/// One HTTP/1.1 answer with a body of known length.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8] = []
    /// Whether the body has no end that could be told beforehand; the connection's end ends it.
    package var isEndless = false

    /// An answer with a body of a media type.
    package init(status: Int, type: String, body: [UInt8]) {
        self.status = status
        headers = [("Content-Type", type)]
        self.body = body
    }

    /// An answer without a body.
    package init(status: Int) {
        self.status = status
    }

    /// An answer in plain text, ended by a line feed as Go's `http.Error` writes it.
    package init(status: Int, text: String) {
        self.init(
            status: status, type: "text/plain; charset=utf-8", body: Array((text + "\n").utf8))
    }

    /// An answer in JSON.
    package init(status: Int, json: [UInt8]) {
        self.init(status: status, type: "application/json", body: json)
    }

    /// The status line and headers, which tell the client when the connection ends after the answer.
    package func head(closing: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        if status != 101, status != 204, !isEndless { head += "Content-Length: \(body.count)\r\n" }
        if closing, status != 101 { head += "Connection: close\r\n" }
        return Array((head + "\r\n").utf8)
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Payload Too Large"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
