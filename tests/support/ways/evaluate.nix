# The packages of the lock file as package.nix hands them to nixpkgs, of which this has only what package.nix uses.
let
  lib = {
    importJSON = path: builtins.fromJSON (builtins.readFile path);
    last = list: builtins.elemAt list (builtins.length list - 1);
    splitString = separator: text: builtins.filter builtins.isString (builtins.split separator text);
    mapAttrs = builtins.mapAttrs;
    licenses.mit = "MIT";
  };
in
(import ../../../packaging/nix/package.nix {
  inherit lib;
  buildNpmPackage = arguments: arguments.npmDeps;
  importNpmLock = {
    __functor = _: { packageLock, ... }: packageLock.packages;
    npmConfigHook = "";
  };
  installShellFiles = "";
  nodejs_22 = "";
})
