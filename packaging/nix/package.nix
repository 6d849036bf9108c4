{
  lib,
  buildNpmPackage,
  importNpmLock,
  installShellFiles,
  nodejs_22,
}:

let
  # The whole clone: a flake in a folder of a git repository may read all of it.
  src = ../..;
  manifest = lib.importJSON (src + "/package.json");
  lock = lib.importJSON (src + "/package-lock.json");

  # The lock file names no registry, so that it works with any. Nix needs an address beside each checksum.
  nameOf = path: lib.last (lib.splitString "node_modules/" path);
  located =
    path: entry:
    if path == "" then
      entry
    else
      let
        name = entry.name or (nameOf path);
      in
      entry
      // {
        resolved = "https://registry.npmjs.org/${name}/-/${baseNameOf name}-${entry.version}.tgz";
      };
in
buildNpmPackage {
  pname = "session-keepalive";
  inherit (manifest) version;
  inherit src;

  nodejs = nodejs_22;
  npmDeps = importNpmLock {
    package = manifest;
    packageLock = lock // {
      packages = lib.mapAttrs located lock.packages;
    };
  };
  npmConfigHook = importNpmLock.npmConfigHook;
  npmFlags = [ "--ignore-scripts" ];

  nativeBuildInputs = [ installShellFiles ];
  postInstall = ''
    # The package keepalived has a program of this name. keepalive starts the daemon by its file.
    rm $out/bin/keepalived
    installManPage dist/keepalive.1
    installShellCompletion --cmd keepalive \
      --bash <($out/bin/keepalive completion bash) \
      --zsh <($out/bin/keepalive completion zsh) \
      --fish <($out/bin/keepalive completion fish)
  '';

  meta = {
    inherit (manifest) description;
    license = lib.licenses.mit;
    mainProgram = "keepalive";
  };
}
