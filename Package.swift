// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// The map of Quadrat. Read it top to bottom: a target may import what stands on its own line, and
// nothing else. Layers only point up this page. Tests/ArchitectureTests holds every `import` to it.

import PackageDescription

let package = Package(
    name: "quadrat",
    products: [
        .executable(name: "quadrat", targets: ["quadrat"]),
        .executable(name: "quadrat-measure", targets: ["quadrat-measure"]),
        .library(name: "Quadrat", targets: ["DataSquare", "Chain"]),
    ],
    targets: [
        // Kernels. C libraries from Debian, and our own C: no state, no allocation, no I/O.
        .debian("CISAL", pkgConfig: "libisal", apt: "libisal-dev"),
        .debian("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev"),
        .debian("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        .debian("CSecp256k1", pkgConfig: "libsecp256k1", apt: "libsecp256k1-dev"),
        .debian("CGMP", pkgConfig: "gmp", apt: "libgmp-dev"),
        .debian("CUV", pkgConfig: "libuv", apt: "libuv1-dev"),
        .debian("CLMDB", pkgConfig: "lmdb", apt: "liblmdb-dev"),
        .debian("CWslay", pkgConfig: nil, apt: "libwslay-dev"),
        .foreignSources("CLLHTTP"),
        .kernels("CKernels"),
        .kernels("CKeccak", flags: ["-fno-slp-vectorize"]),

        // Core. What the bytes mean. Pure values and functions: no clock, entropy or Foundation.
        .core("Bytes"),
        .core(
            "Cryptography", "Bytes", "CKernels", "CKeccak", "CSodium", "CCrypto", "CSecp256k1",
            unsafe: true),
        .core("StateTree", "Bytes", "Cryptography"),
        .core("PairingCurves", "Bytes", "Cryptography", "CKernels"),
        .core(
            "Execution", "Bytes", "Cryptography", "PairingCurves", "CGMP", unsafe: true,
            flags: ["-Xllvm", "-slp-threshold=1000", "-enforce-exclusivity=unchecked"]),
        .core("ErasureCoding", "Bytes", "CKernels", "CISAL", unsafe: true),
        .core("DataSquare", "Bytes", "Cryptography", "ErasureCoding", "CKernels"),
        .core("Chain", "Bytes", "Cryptography", "DataSquare"),
        .core("Staking", "Bytes", "Cryptography", "DataSquare", "Chain"),
        .core(
            "Ledger", "Bytes", "Cryptography", "StateTree", "DataSquare", "Chain", "Staking"),

        // Machines. How the protocol behaves. Deterministic: an event and the time in, effects out.
        .machine("Machinery", "Bytes", "Cryptography"),
        .machine(
            "Peering", "Bytes", "Cryptography", "DataSquare", "Chain", "Machinery", "CSodium",
            "CCrypto"),
        .machine("Pooling", "Bytes", "Cryptography", "DataSquare", "Chain", "Ledger", "Machinery"),
        .machine("Agreement", "Bytes", "Cryptography", "DataSquare", "Chain", "Machinery"),
        .machine("Availability", "Bytes", "Cryptography", "DataSquare", "Chain", "Machinery"),
        .machine(
            "Syncing", "Bytes", "Cryptography", "StateTree", "DataSquare", "Chain", "Machinery"),

        // Roles. Which machines a node is made of. Still deterministic: a role is a larger machine.
        .role(
            "Roles", "Bytes", "Cryptography", "StateTree", "DataSquare", "Chain", "Staking",
            "Ledger", "Machinery", "Peering", "Pooling", "Agreement", "Availability", "Syncing"),

        // Adapters. How effects meet a world. The only code that may block, wait or fail at I/O.
        // LiveHost performs a role's effects for real; Simulation performs the same ones in a
        // seeded, virtual world. Neither knows which role it drives.
        .adapter("EventLoop", "Bytes", "Machinery", "CUV"),
        .adapter(
            "Storage", "Bytes", "Cryptography", "StateTree", "ErasureCoding", "DataSquare", "Chain",
            "CLMDB", "CISAL"),
        .adapter("Telemetry", "Bytes", "Machinery"),
        .adapter("Console"),
        .adapter(
            "RPC", "Bytes", "Cryptography", "DataSquare", "Chain", "Staking", "Ledger", "Machinery",
            "Roles", "EventLoop", "CCrypto", "CLLHTTP", "CWslay", "CUV"),
        .adapter(
            "LiveHost", "Bytes", "Cryptography", "DataSquare", "Chain", "Ledger", "Machinery",
            "Peering", "Agreement", "Syncing", "Roles", "EventLoop", "Storage", "Telemetry", "RPC"),
        .adapter(
            "Simulation", "Bytes", "Cryptography", "StateTree", "DataSquare", "Chain", "Ledger",
            "Machinery", "Peering", "Agreement", "Syncing", "Roles"),

        .adapter("FluidModel"),
        .adapter("Conformance", "Bytes", "Cryptography", "Execution"),
        .adapter(
            "CommitteeSimulation", "Bytes", "Cryptography", "DataSquare", "Chain", "Machinery",
            "Staking", "Peering", "Agreement", "Availability", "Roles"),

        .adapter(
            "LightSimulation", "Bytes", "Cryptography", "DataSquare", "Chain", "Staking",
            "Machinery", "Syncing"),

        // Commands. What a person types.
        .command(
            "quadrat", "Bytes", "Cryptography", "ErasureCoding", "DataSquare", "Chain", "Staking",
            "Ledger", "Machinery", "Peering", "Syncing", "Roles", "EventLoop", "Storage",
            "Telemetry",
            "Console", "RPC", "LiveHost"),
        .command(
            "quadrat-measure", "Bytes", "Cryptography", "StateTree", "ErasureCoding", "DataSquare",
            "CKernels", "Chain", "Ledger", "Machinery", "Peering", "Syncing", "Roles", "EventLoop",
            "Storage", "RPC", "LiveHost", "Simulation"),
        .command(
            "quadrat-simulate", "Bytes", "DataSquare", "Chain", "Agreement", "FluidModel",
            "Simulation", "CommitteeSimulation", "LightSimulation", "Console"),
        .command("quadrat-conformance", "Conformance"),
        .command(
            "quadrat-fuzz", "Bytes", "Cryptography", "ErasureCoding", "DataSquare", "Chain",
            "Ledger", "Machinery", "Peering", "Storage", "RPC", "Fuzzing"),

        // Tests. One target per module above, and a few that hold the whole together.
        .support("TestSupport", "Bytes", "Cryptography"),
        .support("ProofExamples", "Bytes", "Cryptography", "DataSquare", "Chain"),
        .support(
            "Fuzzing", "Bytes", "Cryptography", "StateTree", "ErasureCoding", "DataSquare", "Chain",
            "Ledger", "Machinery", "Agreement", "Availability", "Peering", "Pooling", "Roles",
            "PairingCurves", "Execution", "Staking", "Storage", "Syncing", "RPC"),
        .tests("Bytes", "Cryptography"),
        .tests("Cryptography", "Bytes", "CSodium"),
        .tests("StateTree", "Bytes", "Cryptography"),
        .tests("PairingCurves", "Bytes", "Cryptography"),
        .tests("Execution", "Bytes", "Cryptography"),
        .tests("ErasureCoding", "Bytes", "CKernels"),
        .tests("DataSquare", "Bytes", "Cryptography", "ErasureCoding"),
        .tests("Chain", "Bytes", "Cryptography", "DataSquare"),
        .tests(
            "Ledger", "Bytes", "Cryptography", "StateTree", "DataSquare", "Chain", "Staking"),
        .tests("Staking", "Bytes", "Cryptography", "DataSquare", "Chain"),
        .tests(
            "Peering", "Bytes", "Cryptography", "DataSquare", "Chain", "Machinery"),
        .tests("Pooling", "Bytes", "Cryptography", "DataSquare", "Chain", "Ledger", "Machinery"),
        .tests("Availability", "Bytes", "Cryptography", "DataSquare", "Chain", "Machinery"),
        .tests(
            "Syncing", "Bytes", "Cryptography", "StateTree", "DataSquare", "Chain", "Machinery"),
        .tests("Storage", "Bytes", "Cryptography", "StateTree", "DataSquare", "Chain"),
        .tests(
            "RPC", "Bytes", "Cryptography", "DataSquare", "Chain", "Staking", "Ledger", "Machinery",
            "Roles", "EventLoop", "Availability", "ProofExamples"),
        .tests("Agreement", "Bytes", "Cryptography", "DataSquare", "Chain", "Machinery"),
        .tests("CommitteeSimulation"),
        .tests("LightSimulation", "Bytes", "Chain"),
        .tests("Conformance"),
        .tests("Telemetry", "Machinery"),
        .tests("Console"),
        .tests("quadrat", "Bytes", "DataSquare", "Chain", "Console", "RPC", "ProofExamples"),
        .tests("FluidModel", "DataSquare"),
        .tests("EventLoop", "Bytes", "Machinery"),
        .wholeTests(
            "ArchitectureTests", "TestSupport", "Bytes", "Cryptography", "Execution",
            "Conformance", "StateTree", "DataSquare",
            "Chain", "Ledger", "Agreement", "Availability", "Peering", "Pooling", "Roles",
            "Staking",
            "Storage", "Syncing"),
        .wholeTests(
            "SimulationTests", "TestSupport", "Bytes", "Cryptography", "StateTree", "DataSquare",
            "Chain", "Staking", "Ledger", "Machinery", "Peering", "Syncing", "Roles", "Simulation"),
        .wholeTests(
            "EndToEndTests", "TestSupport", "Bytes", "Cryptography", "DataSquare", "Chain",
            "Peering", "Roles", "RPC", "Storage", "LiveHost"),
        .wholeTests("FuzzTests", "TestSupport", "Fuzzing"),
        .wholeTests("AllocationTests", "DataSquare", "CAllocationCounter"),
        .counter("CAllocationCounter"),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)

/// One strictness for every Swift target; there is no second list to drift from it.
///
/// Computed, because a manifest's globals are set in the order they stand in, after `package`.
nonisolated var strict: [SwiftSetting] {
    [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableExperimentalFeature("Lifetimes"),
    ]
}

extension Target {
    static func debian(_ name: String, pkgConfig: String?, apt: String) -> Target {
        .systemLibrary(
            name: name, path: "Sources/Kernels/\(name)", pkgConfig: pkgConfig,
            providers: [.apt([apt])])
    }
    /// C sources that a Debian package installs, compiled here.
    static func foreignSources(_ name: String) -> Target {
        .target(
            name: name, path: "Sources/Kernels/\(name)", cSettings: [.unsafeFlags(["-O2", "-w"])])
    }
    static func kernels(_ name: String, flags: [String] = []) -> Target {
        .target(
            name: name, path: "Sources/Kernels/\(name)",
            cSettings: [
                .unsafeFlags(["-O2"] + flags),
                .enableWarning("all"), .enableWarning("extra"), .enableWarning("conversion"),
                .treatAllWarnings(as: .error),
            ])
    }
    /// `unsafe` modules are those where the word would stand on every line; see decision 0002.
    ///
    /// `flags` are for Execution alone: its words are four limbs that are stored one by one, and
    /// loading two at once, as the vectoriser would, waits for both stores to reach the cache.
    static func core(
        _ name: String, _ uses: String..., unsafe: Bool = false, flags: [String] = []
    ) -> Target {
        swift(name, in: "Core", uses, safe: !unsafe, flags: flags)
    }
    static func machine(_ name: String, _ uses: String...) -> Target {
        swift(name, in: "Machines", uses, safe: true)
    }
    static func role(_ name: String, _ uses: String...) -> Target {
        swift(name, in: "Roles", uses, safe: true)
    }
    static func adapter(_ name: String, _ uses: String...) -> Target {
        swift(name, in: "Adapters", uses, safe: false)
    }
    static func command(_ name: String, _ uses: String...) -> Target {
        .executableTarget(
            name: name, dependencies: uses.map { .init(stringLiteral: $0) },
            path: "Sources/Commands/\(name)", swiftSettings: strict)
    }
    static func support(_ name: String, _ uses: String...) -> Target {
        .target(
            name: name, dependencies: uses.map { .init(stringLiteral: $0) },
            path: "Tests/\(name)", swiftSettings: strict)
    }
    /// C that tests alone are linked with; see decision 0004.
    static func counter(_ name: String) -> Target {
        .target(
            name: name, path: "Tests/\(name)",
            cSettings: [
                .enableWarning("all"), .enableWarning("extra"), .enableWarning("conversion"),
                .treatAllWarnings(as: .error),
            ])
    }
    static func tests(_ module: String, _ uses: String...) -> Target {
        .testTarget(
            name: "\(module)Tests",
            dependencies: ([module, "TestSupport"] + uses).map { .init(stringLiteral: $0) },
            path: "Tests/\(module)Tests", exclude: goldenFolder(of: module), swiftSettings: strict)
    }
    static func wholeTests(_ name: String, _ uses: String...) -> Target {
        .testTarget(
            name: name, dependencies: uses.map { .init(stringLiteral: $0) },
            path: "Tests/\(name)", exclude: name == "FuzzTests" ? ["Corpus"] : [],
            swiftSettings: strict)
    }
    private static func swift(
        _ name: String, in layer: String, _ uses: [String], safe: Bool, flags: [String] = []
    ) -> Target {
        .target(
            name: name, dependencies: uses.map { .init(stringLiteral: $0) },
            path: "Sources/\(layer)/\(name)",
            swiftSettings: strict + (safe ? [.strictMemorySafety()] : [])
                + (flags.isEmpty ? [] : [.unsafeFlags(flags)]))
    }
}

/// Modules whose tests keep golden scripts beside them.
nonisolated func goldenFolder(of module: String) -> [String] {
    ["Agreement", "Availability", "Pooling", "Syncing"].contains(module) ? ["Golden"] : []
}
