// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import DataSquare
internal import Roles

/// `share.*`: squares and pieces of them.
enum ShareService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("share.SharesAvailable", .read, .height) { call, height in
                withHeader(call, height) { _ in
                    call.server.perform(.availability(height: height), for: call)
                }
            },
            RPCMethod(
                "share.GetShare", .read, .height, .integer("row", "int"), .integer("col", "int")
            ) {
                (call, height, row: Int, column: Int) in
                samples(call, height, [Coordinate(row: row, column: column)]) { samples in
                    call.reply { $0.base64(samples[0].share.bytes) }
                }
            },
            RPCMethod("share.GetSamples", .read, .height, coordinates) { call, height, places in
                samples(call, height, places) { samples in
                    call.reply { $0.array(samples) { ShareJSON.write($1, to: &$0) } }
                }
            },
            RPCMethod("share.GetEDS", .read, .height) { call, height in
                withHeader(call, height) { _ in
                    call.server.square(height) {
                        call.answer($0) { square in { ShareJSON.write(square, to: &$0) } }
                    }
                }
            },
            RPCMethod("share.GetRow", .read, .height, .integer("row", "int")) {
                (call, height, row: Int) in
                getRow(call, height, row)
            },
            RPCMethod("share.GetNamespaceData", .read, .height, .namespace) {
                getNamespaceData($0, $1, $2)
            },
            RPCMethod(
                "share.GetRange", .read, .height, .integer("start", "int"), .integer("end", "int")
            ) {
                getRange($0, $1, $2, $3)
            },
        ]
    }

    private static let coordinates = Parameter<Coordinate>.coordinate.list(
        "indices", limit: RPCLimits.samplesMax)

    /// The header of the height, whose faults come before those of the data.
    private static func withHeader(
        _ call: RPCCall, _ height: UInt64, then: @escaping (ExtendedHeader) -> Void
    ) {
        call.server.header(height, for: call) { result in
            if let header = call.value(result) { then(header) }
        }
    }

    private static func samples(
        _ call: RPCCall, _ height: UInt64, _ places: [Coordinate],
        then: @escaping ([VerifiedSample]) -> Void
    ) {
        withHeader(call, height) { header in
            let width = header.dataAvailabilityHeader.width
            for place in places where !place.isInside(width: width) {
                return call.fail(
                    .application(
                        "share: coordinates (\(place.row), \(place.column)) exceed the square "
                            + "of width \(width)"))
            }
            call.server.ask(
                .samples(height: height, places),
                {
                    if case .samples(let samples) = $0, samples.count == places.count {
                        samples
                    } else {
                        nil
                    }
                },
                then: { result in
                    if let samples = call.value(result) { then(samples) }
                })
        }
    }

    private static func getRow(_ call: RPCCall, _ height: UInt64, _ index: Int) {
        withHeader(call, height) { header in
            let width = header.dataAvailabilityHeader.width
            guard index >= 0, index < width else {
                return call.fail(
                    .application("share: row \(index) exceeds the square of width \(width)"))
            }
            call.answer(.row(height: height, index: index)) {
                guard case .row(let row) = $0 else { return nil }
                return { ShareJSON.write(row, to: &$0) }
            }
        }
    }

    private static func getNamespaceData(
        _ call: RPCCall, _ height: UInt64, _ namespace: Namespace
    ) {
        guard namespace.isValidForData else {
            return call.fail(.application("invalid namespace: it holds no data"))
        }
        withHeader(call, height) { _ in
            call.server.namespaceData(height, namespace) {
                call.answer($0) { data in { ShareJSON.write(data, to: &$0) } }
            }
        }
    }

    /// Shares of one namespace by their indexes in the original square, the last excluded.
    private static func getRange(_ call: RPCCall, _ height: UInt64, _ start: Int, _ end: Int) {
        let invalid = RPCError.application("share: invalid range [\(start), \(end))")
        withHeader(call, height) { header in
            let roots = header.dataAvailabilityHeader
            guard start >= 0, start < end, end <= roots.originalWidth * roots.originalWidth else {
                return call.fail(invalid)
            }
            call.server.square(height) { result in
                guard let square = call.value(result) else { return }
                do throws(VerificationFault) {
                    let proof = try SquareProver(square: square, header: roots)
                        .shareProof(start..<end)
                    call.reply { ShareJSON.write(proof, to: &$0) }
                } catch {
                    call.fail(.application("share: \(error)"))
                }
            }
        }
    }
}
