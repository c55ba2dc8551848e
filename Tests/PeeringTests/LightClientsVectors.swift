// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Foundation
import Peering
import TestSupport
import Testing

/// Known answers of an independent implementation, of what light nodes ask and get.
@Suite struct LightClientsVectors {
    private static func cases(_ op: String) throws -> [JSONTree] {
        try Vectors.family("light_clients").cases.filter { try $0["op"].string == op }
    }

    /// Our own family is not among vectors that others bring.
    private static let isThere = FileManager.default.fileExists(
        atPath: Vectors.directory.appending(path: "light_clients.json").path)

    @Test(.enabled(if: isThere)) func axisRoots() throws {
        let cases = try Self.cases("axis_root")
        #expect(cases.count == 19)
        for test in cases {
            let wire = try test["wire"].hex
            let root = try UnverifiedAxisRoot(protobuf: wire)
            #expect(root.protobuf == wire)
            let dataRoot = try #require(Bytes32(try test["data_root"].hex))
            let verified = try root.verify(dataRoot: dataRoot)
            #expect(try verified.width == test["width"].integer)
            #expect(try verified.container.leaf == test["leaf"].integer)
            #expect(try verified.line.description == test["line"].string)
            #expect(try verified.root.bytes.array == test["root"].hex)
        }
    }

    @Test(.enabled(if: isThere)) func headerQuestions() throws {
        let cases = try Self.cases("header_request")
        #expect(cases.count == 5)
        for test in cases {
            let known = try test.optional("known").flatMap { Bytes32(try $0.hex) }
            let subject: SamplingHeaderRequest.Subject
            switch try test["kind"].string {
            case "news": subject = .news
            case "hash": subject = .hash(try #require(Bytes32(try test["hash"].hex)))
            case "origin":
                subject = .origin(
                    UInt64(try test["origin"].integer), amount: UInt64(try test["amount"].integer))
            default:
                let rows = try test["rows"].array.map { AxisLine(.row, try $0.integer) }
                let columns = try test["columns"].array.map { AxisLine(.column, try $0.integer) }
                subject = .roots(height: UInt64(try test["origin"].integer), rows + columns)
            }
            let request = SamplingHeaderRequest(subject, knownSet: known)
            #expect(try request.encode() == test["wire"].hex)
            #expect(try SamplingHeaderRequest(decoding: try test["wire"].hex) == request)
        }
    }

    @Test(.enabled(if: isThere)) func news() throws {
        let cases = try Self.cases("news")
        #expect(cases.count == 1)
        for test in cases {
            let hash = try #require(Bytes32(try test["hash"].hex))
            let height = UInt64(try test["height"].integer)
            #expect(
                try SamplingHeaderExchange.encodeNews(height: height, hash: hash)
                    == test["wire"].hex)
        }
    }

    @Test(.enabled(if: isThere)) func samples() throws {
        let cases = try Self.cases("samples")
        #expect(cases.count == 3)
        for test in cases {
            let original = try OriginalDataSquare(width: 1, bytes: try test["share"].hex)
            let square = CommittedSquare(ExtendedDataSquare(extending: original))
            #expect(try square.header.dataRoot.array == test["data_root"].hex)
            let request = try SampleManyRequest(decoding: try test["request"].hex)
            #expect(try request.height == UInt64(test["height"].integer))
            #expect(try request.wantsRoots == test["wants_roots"].bool)
            let places = try test["places"].array.map { place in
                let pair = try place.array
                return Coordinate(row: try pair[0].integer, column: try pair[1].integer)
            }
            #expect(request.coordinates == places)
            #expect(try request.encode() == test["request"].hex)
            let answer = SampleManyExchange.encodeAnswer(to: request, from: square)
            #expect(try answer == test["answer"].hex)
        }
    }
}
