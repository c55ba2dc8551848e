// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import DataSquare

/// Answers questions for pieces of squares.
package enum ShareServer {
    /// The answer to a question of a kind, or the code to reset its stream with.
    ///
    /// `square` gives the square of a height, or nil when it is not stored here. As Celestia's
    /// server does: what is no question is reset, what lies outside of the square is an internal
    /// error.
    package static func answer(
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
