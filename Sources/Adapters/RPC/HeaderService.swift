// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Roles

/// `header.*`: the chain of headers.
enum HeaderService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("header.LocalHead", .read) { $0.answer(header: .localHead) },
            RPCMethod("header.NetworkHead", .read) { $0.answer(header: .networkHead) },
            RPCMethod("header.Tail", .read) { $0.answer(header: .tail) },
            RPCMethod("header.GetByHeight", .read, .height) { call, height in
                call.server.header(height, for: call) {
                    call.answer($0) { header in { HeaderJSON.write(header, to: &$0) } }
                }
            },
            RPCMethod("header.GetByHash", .read, .hash) { call, hash in
                call.answer(header: .headerByHash(hash))
            },
            RPCMethod("header.GetRangeByHeight", .read, extendedHeader, .height) {
                range($0, after: $1, before: $2)
            },
            RPCMethod("header.WaitForHeight", .read, .height, waits: true) { call, height in
                guard height > 0 else {
                    return call.fail(
                        .application("header/store: height must be bigger than zero"))
                }
                waitForHeight(call, height)
            },
            RPCMethod("header.SyncState", .read) { call in
                call.answer(.synchronization) {
                    guard case .synchronization(let state) = $0 else { return nil }
                    return { StatusJSON.write(state, to: &$0) }
                }
            },
            RPCMethod("header.SyncWait", .read, waits: true) { waitForSynchronization($0) },
            RPCMethod("header.Subscribe", .read, subscribes: true) { call in
                call.channels?.open(call) { header, then in
                    then(.success { HeaderJSON.write(header, to: &$0) })
                }
            },
        ]
    }

    private static let extendedHeader = Parameter<ExtendedHeader>(
        "from", "header.ExtendedHeader",
        decode: { value throws(ParameterFault) in try HeaderJSON.decode(value) })

    /// The headers between two heights, both excluded; the first must follow the given one.
    private static func range(_ call: RPCCall, after from: ExtendedHeader, before to: UInt64) {
        let first = from.height.value
        guard first < to else {
            return call.fail(.application("header/p2p: `from` must be less than `to`"))
        }
        guard to - first > 1 else {
            return call.fail(.application("header/p2p: the range (\(first), \(to)) is empty"))
        }
        guard to - first - 1 <= UInt64(RPCLimits.headersMax) else {
            return call.fail(
                .application("header/p2p: the range is over \(RPCLimits.headersMax) headers"))
        }
        call.server.ask(
            .headers(first + 1...to - 1),
            {
                if case .headers(let headers) = $0 { headers } else { nil }
            },
            then: { result in
                guard let headers = call.value(result) else { return }
                guard headers.first?.header.lastBlockID.hash == from.hash else {
                    return call.fail(
                        .application("header verification failed: `from` is of another chain"))
                }
                call.reply { writer in
                    writer.array(headers) { HeaderJSON.write($1, to: &$0) }
                }
            })
    }

    /// Answers as soon as the height is there; a height of the future waits for its head.
    ///
    /// Specified in Protocol/17-json-rpc.md#heights.
    private static func waitForHeight(_ call: RPCCall, _ height: UInt64) {
        call.server.header(height) { result in
            switch result {
            case .failure(.heightInFuture), .failure(.headerIsSyncing):
                call.server.heads.wait(call, for: height) { waitForHeight(call, height) }
            default:
                call.answer(result) { header in { HeaderJSON.write(header, to: &$0) } }
            }
        }
    }

    private static func waitForSynchronization(_ call: RPCCall) {
        call.server.heads.poll(call) {
            call.server.ask(
                .synchronization,
                {
                    if case .synchronization(let state) = $0 { state } else { nil }
                },
                then: { result in
                    if let state = call.value(result), state.isFinished { call.replyNull() }
                })
        }
    }
}
