// SPDX-License-Identifier: Apache-2.0

internal import CWslay
internal import Glibc

/// The server's end of one WebSocket (RFC 6455), by wslay: bytes in, whole text messages out.
///
/// wslay answers pings, joins fragments, checks UTF-8 and masks, and ends the connection with the
/// right code when a rule is broken. No extension is offered.
final class WebSocketChannel {
    /// Gets each whole message; binary ones are given like text, since go-jsonrpc reads both.
    var onMessage: (([UInt8]) -> Void)?

    private var context: wslay_event_context_ptr?
    private var incoming: ArraySlice<UInt8> = []
    private var outgoing: [UInt8] = []
    private var isBroken = false

    init(messageBytesLimit: Int) {
        var callbacks = wslay_event_callbacks()
        callbacks.recv_callback = { context, buffer, count, _, owner in
            WebSocketChannel.of(owner).map { $0.read(into: buffer, count, context) } ?? -1
        }
        callbacks.send_callback = { _, bytes, count, _, owner in
            guard let channel = WebSocketChannel.of(owner) else { return -1 }
            channel.outgoing.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            return count
        }
        callbacks.on_msg_recv_callback = { _, message, owner in
            guard let channel = WebSocketChannel.of(owner), let message else { return }
            channel.received(message.pointee)
        }
        let owner = Unmanaged.passUnretained(self).toOpaque()
        isBroken = wslay_event_context_server_init(&context, &callbacks, owner) != 0
        if let context {
            wslay_event_config_set_max_recv_msg_length(context, UInt64(messageBytesLimit))
        }
    }

    deinit {
        if let context { wslay_event_context_free(context) }
    }

    /// Whether nothing more will be received: both ends closed it, or a rule was broken.
    var isOver: Bool {
        guard let context, !isBroken else { return true }
        if wslay_event_get_close_received(context) != 0 || wslay_event_get_close_sent(context) != 0
        {
            return wslay_event_want_write(context) == 0
        }
        return wslay_event_get_read_enabled(context) == 0
    }

    /// Takes what has arrived; messages come out by `onMessage` before it returns.
    func receive(_ bytes: ArraySlice<UInt8>) {
        guard let context, !isBroken else { return }
        incoming = bytes
        if wslay_event_recv(context) != 0 {
            // Flaws of a frame's head: wslay gives up without a word to the other end.
            close(code: UInt16(WSLAY_CODE_PROTOCOL_ERROR.rawValue))
            wslay_event_send(context)
            isBroken = true
        }
        incoming = []
    }

    /// Queues a text message.
    func send(text: [UInt8]) {
        queue(text, WSLAY_TEXT_FRAME)
    }

    /// Queues an empty ping.
    func ping() {
        queue([], WSLAY_PING)
    }

    /// Queues the closing handshake.
    func close(code: UInt16) {
        guard let context, !isBroken else { return }
        wslay_event_queue_close(context, code, nil, 0)
    }

    /// Takes what is to be sent.
    func takeOutgoing() -> [UInt8] {
        if let context, !isBroken, wslay_event_send(context) != 0 { isBroken = true }
        defer { outgoing = [] }
        return outgoing
    }

    private func queue(_ bytes: [UInt8], _ code: wslay_opcode) {
        guard let context, !isBroken else { return }
        bytes.withUnsafeBufferPointer { buffer in
            var message = wslay_event_msg(
                opcode: UInt8(code.rawValue), msg: buffer.baseAddress, msg_length: buffer.count)
            wslay_event_queue_msg(context, &message)
        }
    }

    private func read(
        into buffer: UnsafeMutablePointer<UInt8>?, _ count: Int, _ context: wslay_event_context_ptr?
    ) -> Int {
        guard !incoming.isEmpty, let buffer else {
            wslay_event_set_error(context, Int32(WSLAY_ERR_WOULDBLOCK.rawValue))
            return -1
        }
        let piece = incoming.prefix(count)
        piece.withUnsafeBufferPointer {
            if let start = $0.baseAddress { buffer.update(from: start, count: $0.count) }
        }
        incoming = incoming.dropFirst(piece.count)
        return piece.count
    }

    private func received(_ message: wslay_event_on_msg_recv_arg) {
        guard
            message.opcode == UInt8(WSLAY_TEXT_FRAME.rawValue)
                || message.opcode == UInt8(WSLAY_BINARY_FRAME.rawValue)
        else { return }
        onMessage?([UInt8](UnsafeBufferPointer(start: message.msg, count: message.msg_length)))
    }

    private static func of(_ owner: UnsafeMutableRawPointer?) -> WebSocketChannel? {
        owner.map { Unmanaged<WebSocketChannel>.fromOpaque($0).takeUnretainedValue() }
    }
}
