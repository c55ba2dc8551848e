// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CLLHTTP
internal import Glibc

/// llhttp, as a source of whole requests: bytes go in, at most one request comes out at a time.
///
/// It stops after each request, so that pipelined ones are answered in order and wait unparsed.
/// The C parser is in its strict mode: bare line feeds, two lengths, or a length beside a transfer
/// encoding (the material of request smuggling) are refused.
/// Specified in Protocol/17-json-rpc.md#framing.
final class HTTPParser {
    /// Whether the head of a request has begun and its last byte is still to come.
    private(set) var isInsideHead = false
    /// Whether a body has begun and its last byte is still to come.
    private(set) var isInsideBody = false
    /// Called when a client waits for `100 Continue` before it sends its body.
    var onContinueExpected: (() -> Void)?

    private let limits: HTTPLimits
    private let parser: UnsafeMutablePointer<llhttp_t>
    private let settings: UnsafeMutablePointer<llhttp_settings_t>
    private var target: [UInt8] = []
    private var headers: [(name: [UInt8], value: [UInt8])] = []
    private var isInValue = false
    private var headBytes = 0
    private var body: [UInt8] = []
    private var wantsWebSocket = false
    private var completed: HTTPRequest?
    private var fault: HTTPFault?

    init(limits: HTTPLimits) {
        self.limits = limits
        parser = .allocate(capacity: 1)
        parser.initialize(to: llhttp_t())
        settings = .allocate(capacity: 1)
        settings.initialize(to: llhttp_settings_t())
        llhttp_settings_init(settings)
        setCallbacks()
        llhttp_init(parser, HTTP_REQUEST, settings)
        parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        parser.deallocate()
        settings.deallocate()
    }

    /// Takes bytes up to the end of the next request, or all of them when it goes on.
    ///
    /// - Parameter bytes: What has arrived; the part that was taken is dropped from its front.
    /// - Returns: The request that ended, or nil when more bytes are needed.
    /// - Throws: An `HTTPFault`; nothing after it can be understood.
    func next(_ bytes: inout ArraySlice<UInt8>) throws(HTTPFault) -> HTTPRequest? {
        if let fault { throw fault }
        guard !bytes.isEmpty else { return nil }
        let (status, taken) = bytes.withUnsafeBytes { text -> (llhttp_errno_t, Int) in
            let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
            let status = llhttp_execute(parser, start, text.count)
            guard status != HPE_OK, let start, let stop = llhttp_get_error_pos(parser) else {
                return (status, text.count)
            }
            return (status, stop - start)
        }
        if let fault { throw fault }
        switch status {
        case HPE_OK: break
        case HPE_PAUSED: llhttp_resume(parser)
        case HPE_PAUSED_UPGRADE: llhttp_resume_after_upgrade(parser)
        default:
            let reason = llhttp_get_error_reason(parser).map { String(cString: $0) } ?? "unknown"
            let malformed = HTTPFault.malformed(reason)
            fault = malformed
            throw malformed
        }
        bytes = bytes.dropFirst(min(taken, bytes.count))
        defer { completed = nil }
        return completed
    }

    private func setCallbacks() {
        settings.pointee.on_message_begin = { parser in
            HTTPParser.of(parser) { $0.begin() }
        }
        settings.pointee.on_url = { parser, start, count in
            HTTPParser.of(parser) { $0.appendHead(start, count) { $0.target += $1 } }
        }
        settings.pointee.on_header_field = { parser, start, count in
            HTTPParser.of(parser) { $0.appendHead(start, count) { $0.appendName($1) } }
        }
        settings.pointee.on_header_value = { parser, start, count in
            HTTPParser.of(parser) { $0.appendHead(start, count) { $0.appendValue($1) } }
        }
        settings.pointee.on_header_value_complete = { parser in
            HTTPParser.of(parser) {
                $0.isInValue = true
                return 0
            }
        }
        settings.pointee.on_headers_complete = { parser in
            HTTPParser.of(parser) { $0.endHead() }
        }
        settings.pointee.on_body = { parser, start, count in
            HTTPParser.of(parser) { $0.appendBody(start, count) }
        }
        settings.pointee.on_message_complete = { parser in
            HTTPParser.of(parser) { $0.complete() }
        }
    }

    private static func of(
        _ parser: UnsafeMutablePointer<llhttp_t>?, _ body: (HTTPParser) -> Int32
    ) -> Int32 {
        guard let owner = parser?.pointee.data else { return -1 }
        return Unmanaged<HTTPParser>.fromOpaque(owner)._withUnsafeGuaranteedRef(body)
    }

    private func begin() -> Int32 {
        target = []
        headers = []
        body = []
        isInValue = false
        headBytes = 0
        wantsWebSocket = false
        isInsideHead = true
        return 0
    }

    private func appendHead(
        _ start: UnsafePointer<CChar>?, _ count: Int,
        _ append: (HTTPParser, UnsafeRawBufferPointer) -> Void
    ) -> Int32 {
        headBytes += count
        guard headBytes <= limits.headBytes, headers.count <= limits.headerCount else {
            fault = .headTooLarge
            return -1
        }
        append(self, UnsafeRawBufferPointer(start: start, count: count))
        return 0
    }

    /// A name may come in pieces; a new one begins when the previous header has its value.
    private func appendName(_ piece: UnsafeRawBufferPointer) {
        if headers.isEmpty || isInValue {
            headers.append((name: [], value: []))
            isInValue = false
        }
        headers[headers.count - 1].name += piece
    }

    private func appendValue(_ piece: UnsafeRawBufferPointer) {
        guard !headers.isEmpty else { return }
        headers[headers.count - 1].value += piece
    }

    private func endHead() -> Int32 {
        isInsideHead = false
        isInsideBody = true
        guard headers.allSatisfy({ !$0.name.isEmpty }) else {
            fault = .malformed("a header has no name")
            return -1
        }
        let isChunked = parser.pointee.flags & UInt16(F_CHUNKED.rawValue) != 0
        let length = isChunked ? 0 : parser.pointee.content_length
        guard length <= UInt64(limits.bodyBytes) else {
            fault = .bodyTooLarge
            return -1
        }
        // Anything but a WebSocket (h2c, say) may be ignored, and then the request is an ordinary
        // one; so may a WebSocket that is asked for with a body.
        let asked = parser.pointee.upgrade != 0 && parser.pointee.method == HTTP_GET.rawValue
        wantsWebSocket =
            asked && !isChunked && length == 0
            && value(of: "upgrade").map { $0.lowercased() == "websocket" } ?? false
        if !wantsWebSocket { parser.pointee.upgrade = 0 }
        if value(of: "expect")?.lowercased() == "100-continue" { onContinueExpected?() }
        return 0
    }

    private func appendBody(_ start: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
        guard body.count + count <= limits.bodyBytes else {
            fault = .bodyTooLarge
            return -1
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
        return 0
    }

    private func complete() -> Int32 {
        isInsideBody = false
        completed = HTTPRequest(
            method: method, target: String(decoding: target, as: UTF8.self),
            headers: headers.map { (Self.text($0.name).lowercased(), Self.text($0.value)) },
            body: body, isKeptAlive: llhttp_should_keep_alive(parser) != 0,
            wantsWebSocket: wantsWebSocket)
        body = []
        return Int32(HPE_PAUSED.rawValue)
    }

    private var method: HTTPRequest.Method {
        switch UInt32(parser.pointee.method) {
        case HTTP_GET.rawValue: .get
        case HTTP_HEAD.rawValue: .head
        case HTTP_POST.rawValue: .post
        case HTTP_PUT.rawValue: .put
        case HTTP_OPTIONS.rawValue: .options
        default: .other
        }
    }

    private func value(of name: String) -> String? {
        headers.first { Self.text($0.name).lowercased() == name }.map { Self.text($0.value) }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
