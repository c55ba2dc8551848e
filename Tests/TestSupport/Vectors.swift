// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The known answers under Protocol/vectors, or under `QUADRAT_VECTORS` when that is set.
public enum Vectors {
    /// The repository's root.
    public static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The folder that is read.
    public static var directory: URL {
        if let other = ProcessInfo.processInfo.environment["QUADRAT_VECTORS"] {
            return URL(filePath: other)
        }
        return repository.appending(path: "Protocol/vectors")
    }

    /// Whether as many cases were seen as there are: exactly ours, or any in another directory.
    public static func isWhole(_ count: Int, own: Int) -> Bool {
        ProcessInfo.processInfo.environment["QUADRAT_VECTORS"] == nil ? count == own : count > 0
    }

    /// A family's file; its cases are never empty.
    public static func family(_ name: String) throws -> VectorFamily {
        let root = try JSONTree(contentsOf: directory.appending(path: "\(name).json"))
        let cases = try root["cases"].array
        guard !cases.isEmpty else {
            throw JSONTreeFault(description: "\(name): no cases")
        }
        print("vectors: \(name): \(cases.count) cases")
        return VectorFamily(root: root, cases: cases)
    }
}

/// One file of known answers.
public struct VectorFamily {
    /// The whole file.
    public let root: JSONTree
    /// Its cases.
    public let cases: [JSONTree]
}

/// Data of live networks, which is read where it lies and never copied here.
///
/// It is the folder that `QUADRAT_REAL` names, or `../shared/real` beside the repository.
public enum RealData {
    /// The folder, or nil (with a loud line) where it is absent.
    public static var directory: URL? {
        let path =
            ProcessInfo.processInfo.environment["QUADRAT_REAL"]
            ?? Vectors.repository.appending(path: "../shared/real").path
        guard FileManager.default.fileExists(atPath: path) else {
            print("SKIPPED: no real data at \(path); set QUADRAT_REAL to a folder that has it")
            return nil
        }
        return URL(filePath: path)
    }

    /// Whether the folder is there, for `.enabled(if:)`.
    public static var isPresent: Bool { directory != nil }

    /// Whether a file or folder of it is there; says so loudly when not.
    public static func has(_ path: String) -> Bool {
        guard let directory else { return false }
        if FileManager.default.fileExists(atPath: directory.appending(path: path).path) {
            return true
        }
        print("SKIPPED: no \(path) in \(directory.path)")
        return false
    }

    /// Whether as much was seen as there is: at least ours, or anything in another folder.
    public static func isWhole(_ count: Int, own: Int) -> Bool {
        ProcessInfo.processInfo.environment["QUADRAT_REAL"] == nil ? count >= own : count > 0
    }

    /// The files and folders of its top level whose names match, by name in order.
    public static func entries(
        where isWanted: (String) -> Bool
    ) throws -> [URL] {
        try files(in: "").filter { isWanted($0.lastPathComponent) }
    }

    /// A file or folder of it.
    public static func url(_ path: String) throws -> URL {
        guard let directory else { throw JSONTreeFault(description: "no real data") }
        return directory.appending(path: path)
    }

    /// The files of a folder of it, by name in order.
    public static func files(in path: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: try url(path), includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }
    }
}
