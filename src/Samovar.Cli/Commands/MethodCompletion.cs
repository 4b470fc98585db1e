using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Commands;

/// <summary>Completes the method argument of <c>samovar map</c> with the methods of a target that is already built. Builds nothing.</summary>
internal static class MethodCompletion
{
    /// <param name="target">The target typed so far; null for none.</param>
    /// <param name="context">The command line and the cursor's position.</param>
    public static IEnumerable<CompletionItem> Of(string? target, CompletionContext context)
    {
        if (string.IsNullOrEmpty(target)) return [];
        if (context.ParseResult.Tokens.Any(static token => token.Type == TokenType.DoubleDash)) return []; // arguments after -- are items
        try
        {
            return BuiltAssembly(Path.GetFullPath(target)) is { } assembly ? [.. MethodFinder.Names(assembly).Select(static name => new CompletionItem(name))] : [];
        }
        catch (Exception error) when (error is UsageException or IOException or UnauthorizedAccessException)
        {
            return []; // completion cannot show an error; running the command reports it
        }
    }

    private static string? BuiltAssembly(string path) =>
        !File.Exists(path) ? null
        : Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".dll" => path,
            ".cs" => new SourceFileBuild(path).FindBuilt(),
            _ => null,
        };
}
