using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Commands;

/// <summary>What a shell completes where the method of <c>samovar map</c> belongs: the methods of a target that is built. Nothing is built for it.</summary>
internal static class MethodCompletion
{
    /// <param name="target">The target as far as it is written; null for none.</param>
    /// <param name="context">Where the cursor is.</param>
    public static IEnumerable<CompletionItem> Of(string? target, CompletionContext context)
    {
        if (string.IsNullOrEmpty(target) || context.ParseResult.Tokens.Any(static token => token.Type == TokenType.DoubleDash)) return []; // what follows -- are items
        try
        {
            return BuiltAssembly(Path.GetFullPath(target)) is { } assembly ? [.. MethodFinder.Names(assembly).Select(static name => new CompletionItem(name))] : [];
        }
        catch (Exception error) when (error is UsageException or IOException or UnauthorizedAccessException)
        {
            return []; // while a word is typed there is no place for an error; running the command tells it
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
