// SPDX-License-Identifier: Apache-2.0

internal import CLLHTTP

/// llhttp for the client's side: the status and the body of one answer, however it is framed.
final class HTTPResponseParser {
    /// The longest body that is taken: a square of 512 original shares a side in JSON.
    static let bodyLimit = 1 << 30

    private(set) var status = 0
    private(set) var body: [UInt8] = []
    private(set) var isComplete = false

    private let parser: UnsafeMutablePointer<llhttp_t>
    private let settings: UnsafeMutablePointer<llhttp_settings_t>

    init() {
        parser = .allocate(capacity: 1)
        parser.initialize(to: llhttp_t())
        settings = .allocate(capacity: 1)
        settings.initialize(to: llhttp_settings_t())
        llhttp_settings_init(settings)
        settings.pointee.on_body = { parser, start, count in
            HTTPResponseParser.of(parser) {
                guard $0.body.count + count <= HTTPResponseParser.bodyLimit else { return -1 }
                $0.body.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
                return 0
            }
        }
        settings.pointee.on_message_complete = { parser in
            HTTPResponseParser.of(parser) {
                $0.status = Int($0.parser.pointee.status_code)
                // An interim answer (100 Continue) is not the answer.
                if $0.status >= 200 { $0.isComplete = true }
                return 0
            }
        }
        llhttp_init(parser, HTTP_RESPONSE, settings)
        parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        parser.deallocate()
        settings.deallocate()
    }

    /// Takes bytes; false when they are no HTTP.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        return llhttp_execute(parser, start, bytes.count) == HPE_OK || isComplete
    }

    /// The connection has ended, which ends a body of unsaid length.
    func end() {
        llhttp_finish(parser)
    }

    private static func of(
        _ parser: UnsafeMutablePointer<llhttp_t>?, _ body: (HTTPResponseParser) -> Int32
    ) -> Int32 {
        guard let owner = parser?.pointee.data else { return -1 }
        return Unmanaged<HTTPResponseParser>.fromOpaque(owner)._withUnsafeGuaranteedRef(body)
    }
}
