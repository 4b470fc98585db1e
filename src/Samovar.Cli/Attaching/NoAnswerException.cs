namespace Samovar.Cli.Attaching;

/// <summary>An inspected process did not respond. The message states why and what to do.</summary>
internal sealed class NoAnswerException(string message) : Exception(message);
