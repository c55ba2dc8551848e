// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Peering

/// Where a header server finds headers.
protocol HeaderSource {
    /// The newest header's height; 0 when there is none.
    var headHeight: UInt64 { get }
    /// The header at a height.
    func header(at height: UInt64) -> ExtendedHeader?
    /// The header of a hash.
    func header(of hash: Bytes32) -> ExtendedHeader?
}

/// Answers questions for headers.
enum HeaderServer {
    /// The answer to a question, or the code to reset its stream with.
    ///
    /// What is there of a range is given, up to the first height that is not; that nothing is there
    /// is an answer too. What is no question is reset, as Celestia's server does.
    static func answer(
        _ question: [UInt8], from source: some HeaderSource
    ) -> ServerAnswer {
        do throws(DecodeFault) {
            let request = try HeaderExchangeRequest(decoding: question)
            return .bytes(HeaderExchange.encodeAnswer(headers(request, source)))
        } catch {
            return .reset(.none)
        }
    }

    private static func headers(
        _ request: HeaderExchangeRequest, _ source: some HeaderSource
    ) -> [ExtendedHeader] {
        switch request.subject {
        case .origin(0): return [source.header(at: source.headHeight)].compactMap { $0 }
        case .hash(let hash): return [source.header(of: hash)].compactMap { $0 }
        case .origin(let origin):
            var headers: [ExtendedHeader] = []
            var height = origin
            while UInt64(headers.count) < request.amount, height <= source.headHeight,
                let header = source.header(at: height)
            {
                headers.append(header)
                height += 1
            }
            return headers
        }
    }
}

/// How a question is answered.
enum ServerAnswer: Hashable, Sendable {
    /// By these bytes, after which the stream ends.
    case bytes([UInt8])
    /// By a reset of the stream.
    case reset(ResetCode)
}

/// Answers questions for pieces of squares.
enum ShareServer {
    /// The answer to a question of a kind, or the code to reset its stream with.
    ///
    /// `square` gives the square of a height, or nil when it is not stored here. As Celestia's
    /// server does: what is no question is reset, what lies outside of the square is an internal
    /// error.
    static func answer(
        _ question: [UInt8], kind: ShareRequest.Kind, square: (UInt64) -> CommittedSquare?
    ) -> ServerAnswer {
        do throws(DecodeFault) {
            let request = try ShareRequest(decoding: question, kind: kind)
            guard let square = square(request.height) else {
                return .bytes(ShareExchange.notFound)
            }
            return .bytes(ShareExchange.encodeAnswer(to: request, from: square))
        } catch {
            return .reset(.none)
        }
    }
}
