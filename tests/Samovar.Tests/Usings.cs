global using Samovar.Tests.Testing;
