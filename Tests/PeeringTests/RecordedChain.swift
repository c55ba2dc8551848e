// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Foundation
import Peering
import TestSupport
import Testing

/// A small chain that Celestia's own code made, and what that code answered about it.
struct RecordedChain: HeaderSource {
    struct Exchange: CustomTestStringConvertible {
        let name: String
        let network: String
        let protocolName: String
        let request: [UInt8]
        /// The answer, or nil when the stream was reset.
        let answer: [UInt8]?
        let resetCode: UInt32?

        var testDescription: String { name }
        var isHeaderExchange: Bool {
            protocolName == HeaderExchange.protocolID(network: network)
        }
        var shareKind: ShareRequest.Kind? {
            ShareExchange.kind(of: protocolName, network: network)
        }
    }

    static let names = ["k2", "k4"]

    let headers: [[UInt8]]
    let decoded: [ExtendedHeader]
    let hashes: [Bytes32]
    let squares: [CommittedSquare]
    let exchanges: [Exchange]

    init(_ name: String) throws {
        let folder = Vectors.directory.appending(path: "p2p/\(name)")
        let chain = folder.appending(path: "chain")
        var headers: [[UInt8]] = []
        var hashes: [Bytes32] = []
        var squares: [CommittedSquare] = []
        var decodedHeaders: [ExtendedHeader] = []
        for height in 1...3 {
            let header = [UInt8](try Data(contentsOf: chain.appending(path: "\(height).header")))
            let decoded = try ExtendedHeader(protobuf: header)
            let shares = [UInt8](try Data(contentsOf: chain.appending(path: "\(height).ods")))
            let roots = decoded.dataAvailabilityHeader
            let square = try OriginalDataSquare(width: roots.originalWidth, bytes: shares)
            headers.append(header)
            hashes.append(decoded.hash)
            let committed = CommittedSquare(ExtendedDataSquare(extending: square))
            #expect(committed.header == roots)
            squares.append(committed)
            decodedHeaders.append(decoded)
        }
        self.headers = headers
        self.hashes = hashes
        self.squares = squares
        self.decoded = decodedHeaders
        let wire = folder.appending(path: "wire")
        let index = try JSONTree(contentsOf: wire.appending(path: "index.json"))
        let network = try index["network"].string
        exchanges = try index["requests"].array.map { test in
            let isReset = try test["answer"].string == "rst"
            let file = wire.appending(path: "\(try test["name"].string).resp")
            let answer = [UInt8](try Data(contentsOf: file))
            #expect(try answer.count == test["bytes"].integer)
            return Exchange(
                name: "\(name)/\(try test["name"].string)", network: network,
                protocolName: try test["protocol"].string, request: try test["request"].hex,
                answer: isReset ? nil : answer,
                resetCode: isReset ? UInt32(try test["code"].integer) : nil)
        }
        // No file of the recording is left unread.
        let files = try FileManager.default.contentsOfDirectory(atPath: wire.path)
        #expect(files.count == exchanges.count + 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: chain.path).count == 6)
    }

    var headHeight: UInt64 { UInt64(headers.count) }

    func header(at height: UInt64) -> ExtendedHeader? {
        (1...headHeight).contains(height) ? decoded[Int(height) - 1] : nil
    }

    func header(of hash: Bytes32) -> ExtendedHeader? {
        hashes.firstIndex(of: hash).map { decoded[$0] }
    }

    func square(at height: UInt64) -> CommittedSquare? {
        (1...headHeight).contains(height) ? squares[Int(height) - 1] : nil
    }

    /// Decodes and verifies an answer; what was verified, in its wire form.
    func verify(_ answer: [UInt8], to request: ShareRequest) throws -> [UInt8] {
        let header = try #require(square(at: request.height)).header
        let piece = try ShareExchange.decodeAnswer(answer, to: request, width: header.width)
        switch (piece, request) {
        case (.sample(let sample), .sample(let id)):
            return try sample.verify(at: id.coordinate, against: header).container.protobuf
        case (.row(let row), .row(let id)):
            return try row.verify(row: Int(id.row), against: header).container.protobuf
        case (.namespaceData(let data), .namespaceData(let id)):
            return try data.verify(namespace: id.namespace, against: header).container.encode()
        case (.square(let shares), .square):
            let square = try OriginalDataSquare(width: header.originalWidth, bytes: shares)
            guard CommittedSquare(ExtendedDataSquare(extending: square)).header == header else {
                throw VerificationFault.rootMismatch(.row, index: 0)
            }
            return shares
        case (.range(let data), .range(let id)):
            return try data.verify(range: id.range, against: header).container.encode()
        default:
            throw DecodeFault.malformed("no piece of the kind that was asked for")
        }
    }
}
