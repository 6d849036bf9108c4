self:
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.session-keepalive;
in
{
  options.services.session-keepalive = {
    enable = lib.mkEnableOption "Session Keepalive for every user who logs in";
    package = lib.mkOption {
      type = lib.types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
      description = "The package to use.";
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];

    # As the unit of `keepalive service install`, which would name a folder of the store that is collected later.
    systemd.user.services.keepalive = {
      description = "Session Keepalive";
      wantedBy = [ "default.target" ];
      startLimitIntervalSec = 0;
      # Where users have the programs of their tools.
      environment.PATH = lib.mkForce "%h/.local/bin:%h/.nix-profile/bin:/etc/profiles/per-user/%u/bin:/run/current-system/sw/bin";
      serviceConfig = {
        ExecStart = "${lib.getExe cfg.package} run";
        Restart = "on-failure";
        RestartSec = 30;
        RestartPreventExitStatus = "3 7";
        KillMode = "process";
        TimeoutStopSec = 90;
      };
    };
  };
}
