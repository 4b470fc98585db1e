using System.CommandLine;
using Samovar.Cli.Caching;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar cache</c>: shows and removes results that were kept.</summary>
internal static class CacheCommand
{
    private const string Details =
        """
        Exit codes:
            0  the results were listed or removed
            2  there is no such folder or function, or the folder cannot be used
        """;

    public static Command Create()
    {
        var command = new Command("cache", "Shows and removes the results that samovar map --cache and DiskResultCache keep in a folder.");
        command.Add(List());
        command.Add(Clear());
        return command;
    }

    private static Command List()
    {
        var folder = Folder();
        var json = new Option<bool>("--json") { Description = "Print JSON: an array with an object for each result." };
        var command = new Command("list", "Lists the functions that have results, with their number, size and last use.") { folder, json };
        command.SetAction(parsed => CacheJob.List(parsed.GetValue(folder), parsed.GetValue(json)));
        Examples.AddTo(command,
        [
            ("samovar cache list", "list what is in the user's cache folder"),
            ("samovar cache list --folder results --json", "list each result of another folder"),
        ], Details);
        return command;
    }

    private static Command Clear()
    {
        var folder = Folder();
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = "Remove the results of this function only." };
        var command = new Command("clear", "Removes results, also while programs use the folder.") { folder, name };
        command.SetAction(parsed => CacheJob.Clear(parsed.GetValue(folder), parsed.GetValue(name)));
        Examples.AddTo(command,
        [
            ("samovar cache clear", "remove all results from the user's cache folder"),
            ("samovar cache clear --name Text.Length", "remove the results of one method"),
        ], Details);
        return command;
    }

    private static Option<string?> Folder() => new("--folder") { HelpName = "DIR", Description = "The folder of the cache. Default: the user's cache folder." };
}
