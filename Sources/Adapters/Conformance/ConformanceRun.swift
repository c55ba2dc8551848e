// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Foundation

/// Runs every test under folders in the formats of Ethereum's public test suites.
///
/// What a file holds is told by its shape, not by its place. A file that is in none of the known
/// shapes, or that no runner can do, is counted as a failure.
package struct ConformanceRun {
    /// Bytes of the largest test file that is read.
    package static let fileSizeLimit = 1 << 28

    /// What came of it.
    package private(set) var tally: Tally
    /// Only files whose path has this in it.
    private let filter: String?
    private var mainnet: MainnetFiles?

    /// Prepares a run that keeps reasons of up to `failureLimit` failures.
    package init(filter: String?, failureLimit: Int) {
        self.filter = filter
        tally = Tally(limit: failureLimit)
    }

    /// Runs all files under a folder in the order of their paths, or one file.
    package mutating func run(_ path: String) {
        for file in Self.files(path) where filter.map(file.contains) ?? true {
            runFile(file, family: Self.family(file))
        }
    }

    private static func files(_ path: String) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return [path]
        }
        guard isFolder.boolValue else { return [path] }
        let names = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
        return names.filter { $0.hasSuffix(".json") || $0.hasSuffix(".io") }.sorted()
            .map { path + "/" + $0 }
    }

    /// The suite and the folder below it.
    private static func family(_ file: String) -> String {
        let parts = file.split(separator: "/").map(String.init)
        let roots = [
            "GeneralStateTests", "BlockchainTests", "RLPTests", "TrieTests", "TransactionTests",
            "VMTests", "GenesisTests", "BasicTests", "precompiles", "u256", "mainnet-blocks",
        ]
        if let place = parts.firstIndex(of: "eest"), place + 1 < parts.count {
            return "eest/" + parts[place + 1]
        }
        guard let place = parts.firstIndex(where: { roots.contains($0) }) else {
            return parts.dropLast().last ?? "?"
        }
        let isLegacy = parts.contains("legacytests")
        let prefix = isLegacy && place > 0 ? "legacy/\(parts[place - 1])/" : ""
        return prefix + parts[place]
    }

    private mutating func runFile(_ file: String, family: String) {
        if family == "mainnet-blocks" { return runMainnet(file) }
        let name = file.split(separator: "/").last.map(String.init) ?? file
        if file.hasSuffix(".io") {
            return tally.count(family, name, failure: "JSON-RPC cases have no runner")
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            return tally.count(family, name, failure: "cannot be read")
        }
        let document: JSONValue
        do throws(DecodeFault) {
            document = try JSONValue.decode([UInt8](data), limit: Self.fileSizeLimit)
        } catch {
            return tally.count(family, name, failure: "\(error)")
        }
        if case .array(let entries) = document {
            return runList(name, entries, family)
        }
        if document["genesis"] != nil, document["context"] != nil {
            return tally.count(family, name, failure: "tracer cases have no runner")
        }
        if document["genesis_hash"] != nil {
            return BasicTest(name: name, body: document).run(family, &tally)
        }
        for member in document.members {
            let test = "\(name) \(member.name)"
            if StateTest.isOne(member.value) {
                StateTest(name: test, body: member.value).run(family, &tally)
            } else if BlockchainTest.isOne(member.value) {
                BlockchainTest(name: test, body: member.value).run(family, &tally)
            } else if TransactionTest.isOne(member.value) {
                TransactionTest(name: test, body: member.value).run(family, &tally)
            } else if CodeTest.isOne(member.value) {
                CodeTest(name: test, body: member.value).run(family, &tally)
            } else if TrieTest.isOne(member.value) {
                let isSecure = name.lowercased().contains("secure")
                TrieTest(name: test, body: member.value, isSecure: isSecure).run(family, &tally)
            } else if RLPTest.isOne(member.value) {
                RLPTest(name: test, body: member.value).run(family, &tally)
            } else if BasicTest.isOne(member.value) {
                BasicTest(name: test, body: member.value).run(family, &tally)
            } else {
                tally.count(family, test, failure: "of an unknown format")
            }
        }
    }

    /// Files that are lists: vectors of operations and contracts, keys and transactions.
    private mutating func runList(_ name: String, _ entries: [JSONValue], _ family: String) {
        for (index, entry) in entries.enumerated() {
            let test = "\(name) \(index)"
            if VectorTest.isOne(entry) {
                VectorTest(file: name, name: test, body: entry).run(family, &tally)
            } else if BasicTest.isOne(entry) {
                BasicTest(name: test, body: entry).run(family, &tally)
            } else {
                tally.count(family, test, failure: "of an unknown format")
            }
        }
    }

    /// One block of the main network, told by its `block.json`; the other files belong to it.
    private mutating func runMainnet(_ file: String) {
        guard file.hasSuffix("/block.json") else { return }
        let folder = String(file.dropLast("/block.json".count))
        let name = folder.split(separator: "/").last.map(String.init) ?? folder
        var failure: String?
        do {
            if mainnet == nil {
                let root = folder.split(separator: "/", omittingEmptySubsequences: false)
                    .dropLast().joined(separator: "/")
                mainnet = try MainnetFiles(root)
            }
            try mainnet?.run(folder)
        } catch let error as UnreadableTest {
            failure = error.what
        } catch { failure = "\(error)" }
        tally.count("mainnet-blocks", name, failure: failure)
    }
}
